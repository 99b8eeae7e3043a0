import { HeadgateError } from "@headgate/core";
import type { CompiledQuery, Kysely } from "kysely";
import type { Pool } from "pg";
import { GroupCommit } from "../group-commit.ts";
import type { Commit, Statement, Storage, StorageHealth } from "../storage.ts";
import type { Tables } from "../tables.ts";
import { unconnected } from "../unconnected.ts";
import { Connections } from "./connections.ts";
import { Listener } from "./listener.ts";
import { migrateDatabase } from "./migrate-database.ts";
import { failed, isUnreachable } from "./postgres-fault.ts";
import { Writer } from "./writer.ts";

/** Other instances wait while a batch has its turn, so it is kept short. */
const MAX_BATCH = 256;

/** Opens a PostgreSQL database and brings its tables up to date. Throws `HG_STORAGE_…`. */
export async function openPostgres(url: string): Promise<Storage> {
  const connections = new Connections(url);
  const storage = new PostgresStorage(connections);
  try {
    await migrateDatabase(connections);
    await storage.listen();
    return storage;
  } catch (error) {
    await storage.close();
    throw toStorageError(error, connections);
  }
}

class PostgresStorage implements Storage {
  readonly dialect = "postgres";
  readonly build: Kysely<Tables> = unconnected("postgres");
  readonly #connections: Connections;
  readonly #readers: Pool;
  readonly #writer: Writer;
  readonly #commits: GroupCommit;
  readonly #listeners = new Set<() => void>();
  #listener: Listener | undefined;
  #health: StorageHealth = { isReachable: true };
  #closing: Promise<void> | undefined;

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#readers = connections.readers();
    this.#writer = new Writer(connections, () => this.#tell());
    this.#commits = new GroupCommit((batch) => this.#watch(() => this.#writer.commit(batch)), { maxBatch: MAX_BATCH });
  }

  get health(): StorageHealth {
    return this.#health;
  }

  async listen(): Promise<void> {
    this.#listener = await Listener.start(this.#connections, {
      notification: (signature) => {
        if (!this.#writer.hasSigned(signature)) this.#tell();
      },
      reconnected: () => this.#tell(),
      alive: () => {
        this.#health = { isReachable: true };
      },
      lost: (error) => {
        this.#health = { isReachable: false, reason: this.#connections.unreachable(error).message };
      },
    });
  }

  async read<Row>({ sql, parameters }: CompiledQuery<Row>): Promise<Row[]> {
    this.#refuseClosed();
    return this.#watch(async () => (await this.#readers.query(sql, [...parameters])).rows as Row[]);
  }

  async write(statements: readonly Statement[]): Promise<Commit> {
    this.#refuseClosed();
    return this.#commits.submit(statements);
  }

  onForeignCommit(listener: () => void): () => void {
    // Wrapped, so that one function may listen twice and stop once.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.settled();
    this.#listeners.clear();
    await Promise.all([this.#listener?.stop(), this.#writer.close(), this.#readers.end()]);
  }

  /** Does something with the database, and takes note of whether that answered. */
  async #watch<Result>(ask: () => Promise<Result>): Promise<Result> {
    try {
      const result = await ask();
      this.#health = { isReachable: true };
      return result;
    } catch (error) {
      const told = toStorageError(error, this.#connections);
      if (told.code === "HG_STORAGE_UNREACHABLE") this.#health = { isReachable: false, reason: told.message };
      throw told;
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new HeadgateError("HG_STORAGE_FAILED", "the storage has been closed");
  }
}

function toStorageError(error: unknown, connections: Connections): HeadgateError {
  if (error instanceof HeadgateError) return error;
  if (isUnreachable(error)) return connections.unreachable(error);
  const { code, message } = failed(error);
  return new HeadgateError(code, message);
}

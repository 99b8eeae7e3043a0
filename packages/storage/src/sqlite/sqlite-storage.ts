import { join } from "node:path";
import { HeadgateError } from "@headgate/core";
import type { CompiledQuery, Kysely } from "kysely";
import { GroupCommit } from "../group-commit.ts";
import type { Commit, Statement, Storage, StorageHealth, Value } from "../storage.ts";
import type { Tables } from "../tables.ts";
import type { Outcome, Transaction } from "../transaction.ts";
import { unconnected } from "../unconnected.ts";
import type { Found } from "./connection.ts";
import { Thread } from "./thread.ts";

/** Opens the database in a data folder: one thread that writes, and one that reads. Throws `HG_STORAGE_…`. */
export async function openSqlite(folder: string): Promise<Storage> {
  const file = databaseFile(folder);
  const [writer, reader] = await Promise.allSettled([
    Thread.open<readonly Transaction[]>("writer-thread", { folder, file }),
    Thread.open<Statement>("reader-thread", { file }),
  ]);
  if (writer.status === "fulfilled" && reader.status === "fulfilled") {
    return new SqliteStorage(writer.value, reader.value);
  }
  for (const thread of [reader, writer]) if (thread.status === "fulfilled") await thread.value.close();
  throw writer.status === "rejected" ? writer.reason : (reader as PromiseRejectedResult).reason;
}

/** The database's file within a data folder. */
function databaseFile(folder: string): string {
  return join(folder, "headgate.db");
}

class SqliteStorage implements Storage {
  readonly dialect = "sqlite";
  readonly build: Kysely<Tables> = unconnected("sqlite");
  readonly #writer: Thread<readonly Transaction[]>;
  readonly #reader: Thread<Statement>;
  readonly #commits: GroupCommit;
  #health: StorageHealth = { isReachable: true };
  #closing: Promise<void> | undefined;

  constructor(writer: Thread<readonly Transaction[]>, reader: Thread<Statement>) {
    this.#writer = writer;
    this.#reader = reader;
    this.#commits = new GroupCommit((batch) => this.#commit(batch));
  }

  get health(): StorageHealth {
    const stopped = this.#writer.stopped ?? this.#reader.stopped;
    return stopped === undefined ? this.#health : { isReachable: false, reason: stopped.message };
  }

  async read<Row>({ sql, parameters }: CompiledQuery<Row>): Promise<Row[]> {
    this.#refuseClosed();
    const found = (await this.#reader.ask({ sql, parameters: parameters as readonly Value[] })) as Found;
    return found.rows.map((values) => toRow<Row>(found.columns, values));
  }

  async write(statements: readonly Statement[]): Promise<Commit> {
    this.#refuseClosed();
    return this.#commits.submit(statements);
  }

  onForeignCommit(): () => void {
    return () => {};
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.settled();
    // The reader first: the last connection to close is the one that can empty the WAL.
    await this.#reader.close();
    await this.#writer.close();
  }

  async #commit(batch: readonly Transaction[]): Promise<readonly Outcome[]> {
    try {
      const outcomes = (await this.#writer.ask(batch)) as readonly Outcome[];
      this.#health = { isReachable: true };
      return outcomes;
    } catch (error) {
      this.#health = { isReachable: false, reason: error instanceof Error ? error.message : String(error) };
      throw error;
    }
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new HeadgateError("HG_STORAGE_FAILED", "the storage has been closed");
  }
}

/** A loop, for this is done a million times at a start. */
function toRow<Row>(columns: readonly string[], values: readonly Value[]): Row {
  const row: Record<string, Value> = {};
  for (let i = 0; i < columns.length; i++) row[columns[i] as string] = values[i] as Value;
  return row as Row;
}

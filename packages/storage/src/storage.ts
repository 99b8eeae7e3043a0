import type { CompiledQuery, Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** What SQL can be given. */
export type Value = string | number | bigint | null | Uint8Array;

/** One statement of a transaction, as data: it can be sent to another thread, and joined with others in one commit. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly Value[];
  /**
   * Run once for each of these instead, in order, with `parameters` left empty: many rows of one insert, without its text
   * and its answer for each. What it touches and returns is added up.
   */
  readonly rows?: readonly (readonly Value[])[] | undefined;
  /** What must hold, or nothing of the whole transaction is kept. */
  readonly expects?: Expectation | undefined;
}

/** How many rows a statement must touch, and what it means where it does not. */
export interface Expectation {
  readonly rows: number;
  /** Names what was not so, such as `name-free`; see {@link Commit.unmet}. */
  readonly name: string;
}

/** What became of a transaction. */
export interface Commit {
  /** The first expectation that did not hold; then nothing was changed. Undefined where everything is on disk. */
  readonly unmet: string | undefined;
  /** What each statement touched and returned, in order; empty where an expectation was not met. */
  readonly results: readonly StatementResult[];
}

export interface StatementResult {
  /** Rows inserted, updated or deleted. */
  readonly changes: number;
  /** Rows that `returning` gives. */
  readonly rows: readonly Readonly<Record<string, Value>>[];
}

/** Whether the database answers. */
export interface StorageHealth {
  readonly isReachable: boolean;
  /** Why not, in words, without secrets. */
  readonly reason?: string | undefined;
}

/**
 * Where callers and events are kept: SQLite in a folder, or PostgreSQL. A transaction is a list of statements, not a
 * function, so that many of them share one commit; what one must not break by racing another is said as an expectation.
 */
export interface Storage {
  readonly dialect: "sqlite" | "postgres";
  /** Builds statements in the engine's dialect and compiles them; runs none. */
  readonly build: Kysely<Tables>;
  /** What the last word from the database was. */
  readonly health: StorageHealth;
  /** All rows of a query. Rejects with `HG_STORAGE_UNREACHABLE` or `HG_STORAGE_FAILED`. */
  read<Row>(query: CompiledQuery<Row>): Promise<Row[]>;
  /**
   * All statements in one transaction, in order; resolves after its COMMIT, which it may share with others. Rejects as
   * {@link read} does, and with `HG_STORAGE_BUSY` when too many wait already; then nothing was changed, unless the
   * connection broke amid the COMMIT itself.
   */
  write(statements: readonly Statement[]): Promise<Commit>;
  /**
   * Calls back when another process may have committed something, and when the database is back after it was away.
   * Returns what stops it. SQLite has no other process, and never calls.
   */
  onForeignCommit(listener: () => void): () => void;
  /** Waits for what was written, and lets go of files, threads and connections. */
  close(): Promise<void>;
}

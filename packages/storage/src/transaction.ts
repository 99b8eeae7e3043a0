import type { StorageErrorCode } from "./errors.ts";
import type { Commit, Expectation, Statement, StatementResult } from "./storage.ts";

/** Statements that are kept together or not at all. */
export type Transaction = readonly Statement[];

/** What became of one transaction of a batch: data, so that it can come from another thread. */
export type Outcome = Commit | Fault;

/** An error as data. */
export interface Fault {
  readonly code: StorageErrorCode;
  readonly message: string;
}

/** Whether a statement did what its transaction needs. A query touches the rows that it finds. */
export function meets(expected: Expectation | undefined, { changes, rows }: StatementResult): boolean {
  return expected === undefined || expected.rows === Math.max(changes, rows.length);
}

/** What one statement did that was run several times. */
export function joined(results: readonly StatementResult[]): StatementResult {
  return {
    changes: results.reduce((sum, { changes }) => sum + changes, 0),
    rows: results.flatMap(({ rows }) => rows),
  };
}

export function isFault(outcome: Outcome): outcome is Fault {
  return "code" in outcome;
}

/** The outcome of a transaction of which nothing was kept, for this reason. */
export function unmetCommit(name: string): Commit {
  return { unmet: name, results: [] };
}

import { HeadgateError } from "@headgate/core";
import type { Commit } from "./storage.ts";
import { isFault, type Outcome, type Transaction } from "./transaction.ts";

/** Commits all of a batch together: one outcome for each transaction, in order. Rejects where none was kept. */
export type CommitBatch = (batch: readonly Transaction[]) => Promise<readonly Outcome[]>;

export interface GroupCommitBounds {
  /** Transactions that share one commit, at most. Default 1024. */
  readonly maxBatch?: number;
  /** Transactions that wait for theirs, at most. Default 16384. */
  readonly maxWaiting?: number;
}

/** A transaction, and who waits for its commit. */
interface Submission {
  readonly transaction: Transaction;
  readonly resolve: (commit: Commit) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets many transactions share one commit: while a batch is being committed the next one gathers. Each is answered
 * after the commit that holds it, and transactions are applied in the order in which they came.
 */
export class GroupCommit {
  readonly #commitBatch: CommitBatch;
  readonly #maxBatch: number;
  readonly #maxWaiting: number;
  #waiting: Submission[] = [];
  /** The batches under way, until none waits any more. */
  #draining: Promise<void> | undefined;

  constructor(commitBatch: CommitBatch, { maxBatch = 1024, maxWaiting = 16_384 }: GroupCommitBounds = {}) {
    this.#commitBatch = commitBatch;
    this.#maxBatch = maxBatch;
    this.#maxWaiting = maxWaiting;
  }

  /** Rejects with the transaction's own fault, its batch's, or `HG_STORAGE_BUSY`. */
  submit(transaction: Transaction): Promise<Commit> {
    if (this.#waiting.length >= this.#maxWaiting) return Promise.reject(busy(this.#maxWaiting));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ transaction, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when everything submitted so far has been answered. */
  async settled(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // What is submitted in this same turn of the event loop goes into the first batch.
    await null;
    while (this.#waiting.length > 0) {
      await this.#commit(this.#waiting.splice(0, this.#maxBatch));
    }
    this.#draining = undefined;
  }

  async #commit(batch: readonly Submission[]): Promise<void> {
    try {
      const outcomes = await this.#commitBatch(batch.map(({ transaction }) => transaction));
      batch.forEach((submission, index) => {
        answer(submission, outcomes[index]);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
      // A server that is away lets each batch wait until it times out: those who wait now would wait for all of them.
      if (isUnreachable(error)) for (const { reject } of this.#waiting.splice(0)) reject(error);
    }
  }
}

function answer({ resolve, reject }: Submission, outcome: Outcome | undefined): void {
  if (outcome === undefined) reject(new HeadgateError("HG_STORAGE_FAILED", "the database gave no answer"));
  else if (isFault(outcome)) reject(new HeadgateError(outcome.code, outcome.message));
  else resolve(outcome);
}

function isUnreachable(error: unknown): boolean {
  return error instanceof HeadgateError && error.code === "HG_STORAGE_UNREACHABLE";
}

function busy(waiting: number): HeadgateError {
  return new HeadgateError(
    "HG_STORAGE_BUSY",
    `${waiting} writes wait for the database already; nothing was changed: try again in a moment`,
  );
}

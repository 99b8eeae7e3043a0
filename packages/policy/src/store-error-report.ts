import { HeadgateError } from "@headgate/core";

/** Where it is told; a gateway's log fits. */
export interface StoreErrorLog {
  warn(event: string, fields: Readonly<Record<string, string | number>>): void;
}

/** What becomes of a request whose counters cannot be reached; `unsettled`: a charge that its answer could not put right. */
export type StoreErrorOutcome = "allow" | "deny" | "local" | "unsettled";

/** How often there is a line, at most. */
const EVERY_MS = 60_000;

/**
 * Counts what is done without the store, and tells the log: the first time at once, then once a minute. Not a line for
 * each request.
 */
export class StoreErrorReport {
  readonly #log: StoreErrorLog | undefined;
  readonly #counts: Record<StoreErrorOutcome, number> = { allow: 0, deny: 0, local: 0, unsettled: 0 };
  #reported: Readonly<Record<StoreErrorOutcome, number>> = { ...this.#counts };
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(log?: StoreErrorLog) {
    this.#log = log;
  }

  /** Since the start. */
  get counts(): Readonly<Record<StoreErrorOutcome, number>> {
    return this.#counts;
  }

  /** Takes note of one request; `now` is epoch ms. */
  note(outcome: StoreErrorOutcome, error: unknown, now: number): void {
    this.#counts[outcome] += 1;
    if (!this.#log || now - this.#reportedAt < EVERY_MS) return;
    const { allow, deny, local, unsettled } = this.#reported;
    const counts = this.#counts;
    this.#log.warn("store-errors", {
      allow: counts.allow - allow,
      deny: counts.deny - deny,
      local: counts.local - local,
      unsettled: counts.unsettled - unsettled,
      reason: reasonOf(error),
    });
    this.#reported = { ...counts };
    this.#reportedAt = now;
  }
}

/** An error without a code is a fault of ours: then it matters where it came from. */
function reasonOf(error: unknown): string {
  if (error instanceof HeadgateError) return `${error.code} ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

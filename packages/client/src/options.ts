import type { ResponseCache } from "./cache/response-cache.ts";
import type { Clock } from "./clock.ts";
import type { OnNotice } from "./notice.ts";
import type { SharedGate } from "./pacing/shared-gate.ts";
import type { Dialect } from "./reading/dialect.ts";
import type { Backoff } from "./waiting/backoff.ts";
import type { RetryBudgetOptions } from "./waiting/retry-budget.ts";

/** How long a call may take, and how often it may be tried. */
export interface Patience {
  /** The longest single wait. A longer one fails at once with `WaitTooLongError`. Default: 90 seconds. */
  readonly patienceMs?: number;
  /**
   * How long the whole call may take: no wait goes past it. An attempt under way is not cut off; for that there is
   * `signal`. Default: 5 minutes.
   */
  readonly deadlineMs?: number;
  /** How often it is sent at most, the first time included. Default: 5. */
  readonly attempts?: number;
}

/** What one call may ask for itself: `api(url, { obey: { priority: 1 } })`. */
export interface CallOptions extends Patience {
  /** Calls of a higher one go first, however long those of a lower one have waited. Default: 0. */
  readonly priority?: number;
}

/** Settings of an obeying fetch, each with a default. */
export interface ObeyOptions extends Patience {
  /** How long to wait where the API does not say. Default: 1, 2, 4, 8 … seconds, to a minute. */
  readonly backoff?: Backoff;
  /** How many retries a host may be sent that it did not ask for. */
  readonly retryBudget?: RetryBudgetOptions;
  /**
   * Whether a 429 says that the quota will not be there again soon, so that the call is not retried. `body` is that of the
   * refusal where it is JSON of at most 64 KB; the response is the caller's, so read a clone. Default: `isSpentQuota`.
   */
  readonly isSpent?: (response: Response, body: unknown) => boolean | Promise<boolean>;
  /**
   * Adds an `Idempotency-Key` to each POST and PATCH that has none, the same for all its attempts, so that they can be
   * retried when nobody knows if they were carried out. Only for an API that knows the header. Default: false.
   */
  readonly idempotencyKeys?: boolean;
  /** How the API says what it says, as far as it cannot be found out. */
  readonly dialect?: Dialect;
  /**
   * With which credential a call is made, for each has limits of its own, and a cache keeps their answers apart. It is given
   * a request without its body. What it returns is never shown. Default: `Authorization`, or a header that is usual for API
   * keys.
   */
  readonly credential?: (request: Request) => string;
  /** How calls are spread before a limit is met, which keeps none of them for more than a minute. Default: `"smooth"`. */
  readonly pace?: "smooth" | "burst" | false;
  /**
   * Calls in flight at most, for each API and credential. Default: 64, each until its headers are there. Given, each until
   * its body has ended, is cancelled or is garbage, and answers are made anew to see that. Short bodies end by themselves:
   * 64 KB are read ahead.
   */
  readonly concurrency?: number;
  /** Shares what is known of limits with other processes or tabs. */
  readonly share?: SharedGate;
  /** Answers from what was answered before. Default: none. */
  readonly cache?: ResponseCache;
  /** Is told of every decision. */
  readonly onNotice?: OnNotice;
  readonly clock?: Clock;
}

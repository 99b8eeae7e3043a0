import type { Subject } from "../subject.ts";

/** How the samples ask again. */
export interface RetryPlan {
  /** Of one request, the first among them. */
  readonly tries: number;
  /** Seconds to wait after a refusal that does not say how long. */
  readonly missingWait: number;
  /** Seconds beyond which it is better to give up than to wait. */
  readonly patience: number;
}

const TRIES = 5;
const LEAST_PATIENCE_S = 60;
const MOST_PATIENCE_S = 3600;

/** Waits a window of the limits that the example meets, and gives up where a longer one says no, such as a month's. */
export function retryPlanFor({ stage, policy }: Subject): RetryPlan {
  const windows = stage.limits
    .map(({ limit }) => Math.ceil(limit.windowMs / 1000))
    .filter((seconds) => seconds <= MOST_PATIENCE_S);
  const longest = Math.max(1, ...windows);
  const { retryAfter } = policy.responses;
  const constant = typeof retryAfter === "string" ? 0 : retryAfter.constantSeconds;
  return { tries: TRIES, missingWait: longest, patience: Math.max(longest, constant, LEAST_PATIENCE_S) };
}

import { longestWaitMs } from "../longest-wait.ts";
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
/** As long as a sliding window of an hour can refuse. */
const MOST_PATIENCE_S = 7200;

/** Waits out the limits that the example meets, and gives up where one says no for longer, such as a month's. */
export function retryPlanFor({ stage, policy }: Subject): RetryPlan {
  const waits = stage.limits
    .map((limit) => Math.ceil(longestWaitMs(limit) / 1000))
    .filter((seconds) => seconds <= MOST_PATIENCE_S);
  const longest = Math.max(1, ...waits);
  const { retryAfter } = policy.responses;
  const constant = typeof retryAfter === "string" ? 0 : retryAfter.constantSeconds;
  return { tries: TRIES, missingWait: longest, patience: Math.max(longest, constant, LEAST_PATIENCE_S) };
}

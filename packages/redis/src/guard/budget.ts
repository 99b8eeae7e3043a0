import { HeadgateError } from "@headgate/core";

/** The part of a budget that is not waited: timers are late on a busy machine, and there is still an answer to give. */
const KEPT_SHARE = 1 / 5;
const MOST_KEPT_MS = 10;

/**
 * Waits for an answer, so that who asked can be answered within the budget: a little less than it says. Then rejects with
 * `HG_STORE_TIMEOUT`, and what still comes is dropped.
 */
export function withinBudget<Answer>(answer: Promise<Answer>, budgetMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(new HeadgateError("HG_STORE_TIMEOUT", `the store did not answer within its budget of ${budgetMs} ms`));
    };
    // Where this thread was busy all the while, the answer may be there, not yet read. It is by the time of the second.
    const waitMs = budgetMs - Math.min(MOST_KEPT_MS, budgetMs * KEPT_SHARE);
    const timer = setTimeout(() => setImmediate(giveUp), waitMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

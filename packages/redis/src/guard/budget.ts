import { HeadgateError } from "@headgate/core";

/** Waits for an answer as long as the budget says, and then rejects with `HG_STORE_TIMEOUT`: what still comes is dropped. */
export function withinBudget<Answer>(answer: Promise<Answer>, budgetMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(new HeadgateError("HG_STORE_TIMEOUT", `the store did not answer within ${budgetMs} ms`));
    };
    // Where this thread was busy all the while, the answer may be there, not yet read. It is by the time of the second.
    const timer = setTimeout(() => setImmediate(giveUp), budgetMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

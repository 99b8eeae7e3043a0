import fc from "fast-check";
import { expect, test } from "vitest";
import { RetryBudget } from "../../src/waiting/retry-budget.ts";

test("retries are never more than what was saved and what successes have earned", () => {
  const steps = fc.array(fc.boolean(), { maxLength: 400 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 9 }), steps, (retries, per, isSuccess) => {
      const budget = new RetryBudget({ retries, successesPerRetry: per });
      let spent = 0;
      let successes = 0;
      for (const success of isSuccess) {
        if (success) {
          successes++;
          budget.earn();
        } else if (budget.spend()) spent++;
      }
      expect(spent).toBeLessThanOrEqual(retries + successes / per);
    }),
  );
});

test("what is saved has a bound", () => {
  const budget = new RetryBudget({ retries: 2, successesPerRetry: 3 });
  for (let i = 0; i < 1_000; i++) budget.earn();
  expect([budget.spend(), budget.spend(), budget.spend()]).toEqual([true, true, false]);
});

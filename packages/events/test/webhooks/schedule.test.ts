import fc from "fast-check";
import { expect, test } from "vitest";
import { nextAttemptAt } from "../../src/webhooks/schedule.ts";
import { START } from "../rig.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./delivery-rig.ts";

const DELAYS_MS = [
  ...[5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR_MS),
];

test("ten attempts are made, after the times that the documentation gives", () => {
  const next = DELAYS_MS.map((_, index) => nextAttemptAt(index + 1, START, undefined, () => 0));
  expect(next).toEqual(DELAYS_MS.map((delayMs) => START + delayMs));
  expect(nextAttemptAt(10, START, undefined, () => 0)).toBeUndefined();
  expect(nextAttemptAt(10, START, 1_000, () => 0)).toBeUndefined();
});

test("an attempt never comes sooner than the schedule and Retry-After say, and at most a tenth later", () => {
  const failures = fc.integer({ min: 1, max: 9 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const retryAfterMs = fc.option(fc.integer({ min: 0, max: DAY_MS }), { nil: undefined });
  fc.assert(
    fc.property(failures, random, retryAfterMs, (failed, number, floorMs) => {
      const delayMs = DELAYS_MS[failed - 1] as number;
      const waitMs = (nextAttemptAt(failed, START, floorMs, () => number) as number) - START;
      expect(waitMs).toBeGreaterThanOrEqual(Math.max(delayMs, floorMs ?? 0));
      expect(waitMs).toBeLessThanOrEqual(Math.max(delayMs * 1.1, floorMs ?? 0));
      expect(waitMs).toSatisfy(Number.isSafeInteger);
    }),
  );
});

test("a receiver cannot ask for more than a day's patience", () => {
  expect(nextAttemptAt(1, START, 400 * DAY_MS, () => 0)).toBe(START + DAY_MS);
});

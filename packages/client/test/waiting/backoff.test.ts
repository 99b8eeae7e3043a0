import { expect, test } from "vitest";
import { backoffMs } from "../../src/waiting/backoff.ts";

const waits = (backoff: object, chance: number) =>
  [1, 2, 3, 4, 7, 2_000].map((attempt) => backoffMs(attempt, backoff, () => chance));

test("each wait is twice the one before, up to a minute", () => {
  expect(waits({}, 0)).toEqual([1_000, 2_000, 4_000, 8_000, 60_000, 60_000]);
});

test("and up to a quarter longer, never shorter", () => {
  expect(waits({}, 0.9999)).toEqual([1_249, 2_499, 4_999, 9_999, 74_998, 74_998]);
});

test("the first and the longest can be chosen", () => {
  expect(waits({ firstMs: 100, capMs: 500 }, 0)).toEqual([100, 200, 400, 500, 500, 500]);
});

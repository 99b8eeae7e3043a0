import { expect, test } from "vitest";
import { chooseWindows, type WindowQuota } from "../../src/suggest/chosen-windows.ts";

const WINDOWS_MS = [1000, 10_000, 60_000, 300_000, 3_600_000];

/** Which windows are chosen, of those with these quotas. */
function chosen(...quotas: number[]): number[] {
  const candidates = quotas.map(
    (quota, window): WindowQuota => ({ window, windowMs: WINDOWS_MS[window] as number, quota }),
  );
  return chooseWindows(candidates).map(({ windowMs }) => windowMs);
}

test("a burst has the shortest window whose quota is worth the name", () => {
  expect(chosen(3, 12, 70)).toEqual([10_000]);
  expect(chosen(30, 300, 1800)).toEqual([1000]);
});

test("a window for the long run is there where it holds to half the rate or less, the longest such", () => {
  expect(chosen(3, 12, 36, 100, 900)).toEqual([10_000, 3_600_000]);
  expect(chosen(3, 12, 36)).toEqual([10_000, 60_000]);
  expect(chosen(3, 12, 37)).toEqual([10_000]);
});

test("callers that ask for little have the longest window", () => {
  expect(chosen(2, 2, 3, 4, 9)).toEqual([3_600_000]);
});

test("a burst that the long run allows anyway has no limit", () => {
  expect(chosen(40, 40, 40)).toEqual([60_000]);
});

test("where there are no windows none is chosen", () => {
  expect(chosen()).toEqual([]);
});

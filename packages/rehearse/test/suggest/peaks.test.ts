import { defineLimit } from "@headgate/core";
import { describe, expect, test } from "vitest";
import { Peaks } from "../../src/suggest/peaks.ts";
import { countInOwnWindow } from "../../src/suggest/window-count.ts";

const WINDOWS = [1000, 60_000].map((windowMs) => defineLimit({ name: `${windowMs}`, quota: 2 ** 40, windowMs }));
const NOW = 1_700_000_000_000;

/** Callers that ask so many times each at one instant, in one scope of two. */
function peaksOf(counts: readonly number[], mostCallers?: number): Peaks {
  const peaks = new Peaks(WINDOWS, 2, countInOwnWindow, mostCallers);
  for (const [caller, count] of counts.entries()) {
    for (let i = 0; i < count; i++) peaks.note(`caller ${caller}`, 1, NOW);
  }
  return peaks;
}

describe("peaks", () => {
  test("are kept by caller, scope and window", () => {
    const peaks = new Peaks(WINDOWS, 2, countInOwnWindow);
    for (const [caller, scope, at] of [
      ["a", 0, 0],
      ["b", 0, 0],
      ["a", 0, 1500],
      ["a", 1, 1500],
      ["a", 0, 70_000],
    ] as const) {
      peaks.note(caller, scope, NOW + at);
    }
    const table = [0, 1].map((caller) =>
      [0, 1].map((scope) => [0, 1].map((window) => peaks.peak(caller, scope, window))),
    );
    expect(table).toEqual([
      [
        [1, 2],
        [1, 1],
      ],
      [
        [1, 1],
        [0, 0],
      ],
    ]);
    expect([peaks.callers, peaks.keptOf]).toEqual([2, 1]);
  });

  test("of more callers than can be followed are those of a fair sample, whole", () => {
    const counts = Array.from({ length: 20_000 }, (_, i) => 1 + (i % 4));
    const peaks = peaksOf(counts, 1000);
    expect(peaks.callers).toBeLessThanOrEqual(1000);
    expect(peaks.callers * peaks.keptOf).toBeGreaterThan(18_000);
    expect(peaks.callers * peaks.keptOf).toBeLessThan(22_000);
    const found = new Map<number, number>();
    for (let caller = 0; caller < peaks.callers; caller++) {
      const peak = peaks.peak(caller, 1, 0);
      found.set(peak, (found.get(peak) ?? 0) + 1);
    }
    expect([...found.keys()].toSorted()).toEqual([1, 2, 3, 4]);
    for (const share of found.values()) expect(share / peaks.callers).toBeCloseTo(0.25, 1);
  });
});

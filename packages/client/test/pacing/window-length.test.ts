import fc from "fast-check";
import { expect, test } from "vitest";
import { narrowed, roundest, type WindowLength } from "../../src/pacing/window-length.ts";

const START = 1_800_000_000_000;

test("however a window lies in a second, its length is among those that are left", () => {
  const window = fc.record({ at: fc.nat(1e9), thereMs: fc.nat(500), backMs: fc.nat(500) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 86_400 }), fc.array(window, { minLength: 1 }), (seconds, windows) => {
      let known: WindowLength | undefined;
      for (const { at, thereMs, backMs } of windows) {
        const began = START + at + thereMs;
        const resetAt = Math.ceil((began + seconds * 1000) / 1000) * 1000;
        known = narrowed(known, resetAt, START + at, began + backMs);
      }
      const { least, most } = known as WindowLength;
      expect(least).toBeLessThan(seconds * 1000);
      expect(most).toBeGreaterThanOrEqual(seconds * 1000);
    }),
  );
});

test.each([
  [9_960, 11_000, 10_000],
  [8_990, 10_020, 10_000],
  [59_010, 60_030, 60_000],
  [0, 1_020, 1_000],
  [6_010, 7_020, 7_000],
])("between %i and %i ms, %i ms is the roundest", (least, most, length) => {
  expect(roundest({ least, most })).toBe(length);
});

test("a window without whole seconds is not guessed", () => {
  expect(roundest({ least: 1_000, most: 1_500 })).toBeUndefined();
});

test("what contradicts all that was known replaces it", () => {
  const ten = narrowed(undefined, START + 11_000, START + 500, START + 510);
  expect(roundest(ten)).toBe(10_000);
  expect(roundest(narrowed(ten, START + 61_000, START + 700, START + 720))).toBe(60_000);
});

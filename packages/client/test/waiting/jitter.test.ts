import fc from "fast-check";
import { expect, test } from "vitest";
import { jittered } from "../../src/waiting/jitter.ts";

const instants = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });
const waits = fc.integer({ min: 1, max: 10 * 86_400_000 });
const chances = fc.double({ min: 0, max: 0.999, noNaN: true });

test("a wait is never shorter than told, and longer by no more than a tenth or half a second", () => {
  fc.assert(
    fc.property(waits, instants, chances, (waitMs, now, chance) => {
      const later = jittered(waitMs, now, () => chance) - waitMs;
      expect(later).toBeGreaterThanOrEqual(0);
      expect(later).toBeLessThanOrEqual(Math.min(500, waitMs / 10));
    }),
  );
});

test("a wait of whole seconds that was rounded up to a second of the clock is never a second longer than was meant", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 864_000 }), instants, chances, (seconds, now, chance) => {
      const waitMs = seconds * 1000;
      // In the first ms of a second nobody can tell.
      fc.pre(now % 1000 !== 0);
      const roundedUp = Math.ceil((now + waitMs) / 1000) * 1000 - now;
      expect(jittered(roundedUp, now, () => chance)).toBeLessThan(waitMs + 1000);
    }),
  );
});

test("those who were told the same come back at different times", () => {
  const times = new Set(Array.from({ length: 100 }, () => jittered(2_000, 1_800_000_000_123)));
  expect(times.size).toBeGreaterThan(20);
});

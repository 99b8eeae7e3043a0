import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "../../src/connect/backoff.ts";

const random = fc.double({ min: 0, max: 1, noNaN: true });

test("the wait before the next attempt grows from 50 ms to 2 s, less up to a half", () => {
  fc.assert(
    fc.property(fc.nat(), random, (failures, share) => {
      const longest = backoffMs(failures, 1);
      expect(longest).toBe(Math.min(2_000, 50 * 2 ** failures));
      expect(backoffMs(failures, share)).toBeGreaterThanOrEqual(longest / 2);
      expect(backoffMs(failures, share)).toBeLessThanOrEqual(longest);
    }),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeSteps } from "../../src/charts/merge-steps.ts";

test("a merged timeline is short enough, and counts every request", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 400 }), fc.integer({ min: 1, max: 120 }), (counts, most) => {
      const steps = counts.map((count, i) => ({
        from: i * 1000,
        admitted: count,
        refused: count % 7,
        shadowRefused: count % 3,
      }));
      const merged = mergeSteps({ stepMs: 1000, steps }, most);
      const sum = (field: "admitted" | "refused" | "shadowRefused", of: typeof steps): number =>
        of.reduce((total, step) => total + step[field], 0);
      expect(merged.steps.length).toBeLessThanOrEqual(most);
      for (const field of ["admitted", "refused", "shadowRefused"] as const) {
        expect(sum(field, [...merged.steps])).toBe(sum(field, steps));
      }
      merged.steps.forEach(({ from }, i) => {
        expect(from).toBe(i * merged.stepMs);
      });
    }),
  );
});

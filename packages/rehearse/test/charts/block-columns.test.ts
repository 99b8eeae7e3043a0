import fc from "fast-check";
import { expect, test } from "vitest";
import { blockColumns } from "../../src/charts/block-columns.ts";

test("columns are as high as their values, in eighths of a line", () => {
  expect(blockColumns([0, 1, 8, 9, 16], 16, 2)).toEqual(["   ▁█", " ▁███"]);
});

test("what is more than nothing shows", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { minLength: 1 }), fc.integer({ min: 1, max: 8 }), (values, height) => {
      const lines = blockColumns(values, Math.max(...values), height);
      expect(lines).toHaveLength(height);
      expect([...(lines.at(-1) as string)].map((block) => block !== " ")).toEqual(values.map((value) => value > 0));
    }),
  );
});

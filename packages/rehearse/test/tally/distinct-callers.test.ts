import { PartitionHash } from "@headgate/core/memory";
import { expect, test } from "vitest";
import { DistinctCallers } from "../../src/tally/distinct-callers.ts";

function counted(callers: number): { readonly count: number; readonly isEstimate: boolean } {
  const hash = new PartitionHash(1, 2);
  const distinct = new DistinctCallers();
  for (let i = 0; i < callers * 2; i++) {
    hash.digest(`caller ${i % callers}`, [0, 0]);
    distinct.add((hash.high & 0x1fffff) * 2 ** 32 + (hash.low >>> 0));
  }
  return distinct.count();
}

test("few callers are counted exactly", () => {
  for (const callers of [0, 1, 9999, 10_000]) expect(counted(callers)).toEqual({ count: callers, isEstimate: false });
});

test.each([10_001, 40_000, 300_000])("many callers are counted to a few percent: %i", (callers) => {
  const { count, isEstimate } = counted(callers);
  expect(isEstimate).toBe(true);
  expect(Math.abs(count - callers) / callers).toBeLessThan(0.03);
});

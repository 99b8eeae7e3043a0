import { defineLimit } from "@headgate/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { countInAnyWindow, countInOwnWindow, type WindowCount } from "../../src/suggest/window-count.ts";

const LIMIT = defineLimit({ name: "any", quota: 2 ** 40, windowMs: 100 });
const arrivals = fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 1, maxLength: 60 }).map((gaps) => {
  let now = 1_700_000_000_000;
  return gaps.map((gap) => {
    now += gap;
    return now;
  });
});

function peakOf(count: WindowCount, times: readonly number[]): number {
  const cells = new Float64Array(3);
  return Math.max(...times.map((now) => count(cells, 0, LIMIT, now)));
}

test("the peak of own windows is the smallest quota that refuses nothing", () => {
  fc.assert(
    fc.property(arrivals, (times) => {
      let peak = 0;
      let opened = Number.NEGATIVE_INFINITY;
      let count = 0;
      for (const now of times) {
        if (now - opened >= 100) [opened, count] = [now, 0];
        count++;
        peak = Math.max(peak, count);
      }
      expect(peakOf(countInOwnWindow, times)).toBe(peak);
    }),
  );
});

test("what is counted for any window is no less than any holds, wherever it begins and whatever is left out", () => {
  fc.assert(
    fc.property(arrivals, fc.infiniteStream(fc.boolean()), (times, keep) => {
      const most = peakOf(countInAnyWindow, times);
      const some = times.filter(() => keep.next().value);
      for (const start of some) {
        expect(some.filter((time) => time >= start && time < start + 100).length).toBeLessThanOrEqual(most);
      }
      if (some.length > 0) expect(peakOf(countInOwnWindow, some)).toBeLessThanOrEqual(most);
    }),
  );
});

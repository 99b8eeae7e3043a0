import { defineLimit } from "@headgate/core";
import { describe, expect, test } from "vitest";
import { setAside } from "../../src/suggest/ordinary-callers.ts";
import { Peaks } from "../../src/suggest/peaks.ts";
import { countInOwnWindow } from "../../src/suggest/window-count.ts";

const WINDOW = defineLimit({ name: "minute", quota: 2 ** 40, windowMs: 60_000 });
const PLACE = { scope: 0, window: 0 };

/** Callers that ask so many times each within a window. */
function peaksOf(counts: readonly number[], mostCallers?: number): Peaks {
  const peaks = new Peaks([WINDOW], 2, countInOwnWindow, mostCallers);
  for (const [caller, count] of counts.entries()) {
    for (let i = 0; i < count; i++) peaks.note(`caller ${caller}`, 0, 1_700_000_000_000);
  }
  return peaks;
}

describe("callers set aside", () => {
  test("are as many as may be, those that ask for most", () => {
    const peaks = peaksOf([...Array(98).fill(5), 50, 900]);
    const one = setAside(peaks, [PLACE], 0.01);
    expect([one.callers, one.setAside, one.peak(PLACE), one.peakOfAll(PLACE)]).toEqual([100, 1, 50, 900]);
    expect(one.peakButOne(PLACE)).toBe(5);
    const two = setAside(peaks, [PLACE], 0.02);
    expect([two.setAside, two.peak(PLACE)]).toEqual([2, 5]);
  });

  test("are none where the share is less than one caller", () => {
    const ordinary = setAside(peaksOf([1, 1, 900]), [PLACE], 0.3);
    expect([ordinary.setAside, ordinary.peak(PLACE)]).toEqual([0, 900]);
  });

  test("are none where all ask for the same", () => {
    expect(setAside(peaksOf(Array(100).fill(7)), [PLACE], 0.1).setAside).toBe(0);
  });

  test("are none for what no limit is about", () => {
    const peaks = peaksOf([...Array(99).fill(5), 900]);
    expect(setAside(peaks, [{ scope: 1, window: 0 }], 0.01).setAside).toBe(0);
    expect(setAside(peaks, [], 0.01).setAside).toBe(0);
  });

  test("are fewer of a sample, so that by all odds they are not too many of all", () => {
    const counts = Array.from({ length: 20_000 }, (_, i) => (i % 100 === 0 ? 20 + i / 100 : 1));
    const ordinary = setAside(peaksOf(counts, 5000), [PLACE], 0.01);
    expect(ordinary.isEstimate).toBe(true);
    expect(ordinary.setAside).toBeLessThan(200);
    expect(ordinary.setAside).toBeGreaterThan(20);
  });
});

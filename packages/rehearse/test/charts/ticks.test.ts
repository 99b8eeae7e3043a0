import { expect, test } from "vitest";
import { countTicks, timeTicks } from "../../src/charts/ticks.ts";

test("an axis of counts ends at a round number, and has whole numbers only", () => {
  expect(countTicks(21_500, 4)).toEqual({
    ticks: ["0", "5K", "10K", "15K", "20K", "25K"].map((label, i) => ({ at: i / 5, label })),
    end: 25_000,
  });
  expect(countTicks(1, 4).ticks.map(({ label }) => label)).toEqual(["0", "1"]);
  expect(countTicks(0, 4).end).toBe(1);
});

test("an axis of time has days by their date, and times in UTC", () => {
  const from = Date.UTC(2026, 0, 5);
  expect(timeTicks(from, from + 86_400_000, 4)).toEqual(
    ["2026-01-05", "06:00", "12:00", "18:00", "2026-01-06"].map((label, i) => ({ at: i / 4, label })),
  );
});

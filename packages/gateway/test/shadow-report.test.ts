import { RunningCounts, ShadowReport } from "@headgate/gateway";
import { beforeEach, expect, test, vi } from "vitest";

let lines: unknown[];
let report: ShadowReport;

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  report = new ShadowReport({ info: (event, fields) => lines.push([event, fields]), warn() {}, error() {} });
  return () => void vi.useRealTimers();
});

function refuse(limit: string, requests: number): void {
  const counts = new RunningCounts();
  counts.of(limit)["shadow-refused"] = requests;
  report.note(counts);
}

const line = (limit: string, requests: number): unknown => ["shadow-refusals", { limit, requests }];

test("a shadow limit is heard of at once, and then once a minute with how many it would have refused", () => {
  refuse("try", 3);
  expect(lines).toEqual([line("try", 3)]);
  for (let i = 0; i < 8; i++) refuse("try", 1);
  vi.advanceTimersByTime(59_999);
  expect(lines).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(lines).toEqual([line("try", 3), line("try", 8)]);
});

test("after a minute without refusals the next is heard of at once", () => {
  refuse("try", 1);
  vi.advanceTimersByTime(120_000);
  expect(lines).toHaveLength(1);
  refuse("try", 2);
  expect(lines).toEqual([line("try", 1), line("try", 2)]);
});

test("limits are heard of each for itself, and those that refuse nobody not at all", () => {
  refuse("one", 1);
  refuse("none", 0);
  refuse("other", 2);
  expect(lines).toEqual([line("one", 1), line("other", 2)]);
});

test("nothing is left untold when the gate closes", () => {
  refuse("try", 1);
  refuse("try", 4);
  report.flush();
  expect(lines).toEqual([line("try", 1), line("try", 4)]);
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(2);
});

import { defineLimit } from "@headgate/core";
import { describe, expect, test } from "vitest";
import { Pace } from "../../src/leased/pace.ts";

const WINDOW_MS = 1_000;
const START = 1_900_000_012_000;

/** How long a request has to wait that comes with an answer, by which all of the quota is used `remainingMs` before the window ends. */
function waitAfterAnswer(algorithm: "fixed-window" | "sliding-window", remainingMs: number): number {
  const limit = defineLimit({ name: "calls", algorithm, quota: 10, windowMs: WINDOW_MS });
  const pace = new Pace(0, 0);
  pace.answered(limit, { granted: 1, time: START + WINDOW_MS - remainingMs, cells: [START, 10, 0] }, 5);
  return pace.waitMs(1, 5, false);
}

describe("a counter that has run out", () => {
  test("is asked again after 20 ms, sooner the nearer its window's end is, and after 2 ms at least", () => {
    const waits = [1_000, 80, 79, 40, 12, 8, 7, 1].map((remainingMs) => waitAfterAnswer("sliding-window", remainingMs));
    expect(waits).toEqual([20, 20, 19, 10, 3, 2, 2, 2]);
  });

  test("holds nobody up where its window does not slide", () => {
    expect(waitAfterAnswer("fixed-window", 500)).toBe(0);
  });

  test("counts whom it holds up until the next answer", () => {
    const limit = defineLimit({ name: "calls", algorithm: "sliding-window", quota: 10, windowMs: WINDOW_MS });
    const grant = { granted: 1, time: START, cells: [START, 10, 0] } as const;
    const pace = new Pace(0, 0);
    pace.answered(limit, grant, 5);
    expect([6, 15, 24, 25].map((now) => pace.waitMs(2, now, false))).toEqual([19, 10, 1, 0]);
    expect(pace.heldUp).toBe(6);
    pace.answered(limit, grant, 26);
    expect(pace.heldUp).toBe(0);
  });
});

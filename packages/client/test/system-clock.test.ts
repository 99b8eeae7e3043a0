import { expect, test, vi } from "vitest";
import { systemClock } from "../src/index.ts";

test("a wait longer than a timer can be is one of several timers, and ends with its signal", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  const stop = new AbortController();
  const wait = systemClock.sleep(Number.POSITIVE_INFINITY, stop.signal);
  expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([2 ** 31 - 1]);
  stop.abort(new Error("enough"));
  await expect(wait).rejects.toThrow("enough");
});

import { expect, test } from "vitest";
import { ShutOutTime } from "../../src/tally/shut-out-time.ts";

test("a caller is shut out from a refusal to the next admitted request", () => {
  const time = new ShutOutTime();
  time.refuse(1000, 60_000);
  time.refuse(5000, 60_000);
  time.admit(31_000);
  time.admit(40_000);
  expect(time.upTo(99_000)).toEqual({ times: 1, totalMs: 30_000, longestMs: 30_000 });
});

test("or until the wait is over that it was told last, if it comes later", () => {
  const time = new ShutOutTime();
  time.refuse(1000, 10_000);
  time.refuse(2000, 12_000);
  time.admit(50_000);
  expect(time.upTo(99_000)).toEqual({ times: 1, totalMs: 11_000, longestMs: 11_000 });
});

test("a refusal after that is another time", () => {
  const time = new ShutOutTime();
  time.refuse(0, 10_000);
  time.refuse(30_000, 35_000);
  expect(time.upTo(99_000)).toEqual({ times: 2, totalMs: 15_000, longestMs: 10_000 });
});

test("a wait without an end counts to the end of the log", () => {
  const time = new ShutOutTime();
  time.refuse(0, Number.POSITIVE_INFINITY);
  expect(time.upTo(99_000)).toEqual({ times: 1, totalMs: 99_000, longestMs: 99_000 });
});

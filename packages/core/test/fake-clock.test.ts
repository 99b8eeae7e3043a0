import { expect, test } from "vitest";
import { fakeClock } from "../src/testing/index.ts";

test("a fake clock stands still until it is told", () => {
  const { now, advance, set } = fakeClock(1_000);
  expect([now(), now()]).toEqual([1_000, 1_000]);
  advance(500);
  expect(now()).toBe(1_500);
  set(200);
  expect(now()).toBe(200);
});

import { describe, expect, test } from "vitest";
import { Expiries } from "../src/expiries.ts";

const MINUTE_MS = 60_000;

describe("what ends", () => {
  test("is given once, when its minute is over", () => {
    const expiries = new Expiries<string>();
    expiries.add(MINUTE_MS + 1, "early");
    expiries.add(3 * MINUTE_MS, "late");
    expect([...expiries.take(2 * MINUTE_MS - 1, 10)]).toEqual([]);
    expect([...expiries.take(2 * MINUTE_MS, 10)]).toEqual(["early"]);
    expect([...expiries.take(5 * MINUTE_MS, 10)]).toEqual(["late"]);
    expect([...expiries.take(5 * MINUTE_MS, 10)]).toEqual([]);
  });

  test("in greater numbers is given bit by bit, and nothing of it is lost", () => {
    const expiries = new Expiries<number>();
    for (let i = 0; i < 25; i++) expiries.add(i * 10_000, i);
    const given: number[] = [];
    for (const size of [10, 10, 5, 0]) {
      const taken = [...expiries.take(10 * MINUTE_MS, 10)];
      expect(taken).toHaveLength(size);
      given.push(...taken);
    }
    expect(given.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i));
  });
});

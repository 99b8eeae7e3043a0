import { describe, expect, test } from "vitest";
import { Chunk } from "../../src/leased/chunk.ts";

describe("a chunk", () => {
  test("is twice the last one that was gone at once, and half of one that lasted", () => {
    const chunk = new Chunk();
    expect(chunk.next(0)).toBe(1);
    chunk.arrived(4, 4, 100);
    expect([100, 140, 141, 10_000].map((now) => chunk.next(now))).toEqual([8, 8, 2, 2]);
  });

  test("is at least one unit, and remembered as it came when the centre gave less or nothing", () => {
    const chunk = new Chunk();
    chunk.arrived(1, 1, 0);
    expect(chunk.next(1_000)).toBe(1);
    chunk.arrived(6, 6, 1_000);
    chunk.arrived(0, 0, 1_001);
    expect(chunk.next(1_002)).toBe(12);
  });

  test("is replaced when half of it is spent, but not when it has lasted, nor when it is a single unit", () => {
    const chunk = new Chunk();
    chunk.arrived(8, 10, 0);
    expect([10, 6, 5, 0].map((left) => chunk.isRunningOut(left, 50))).toEqual([false, false, true, true]);
    expect(chunk.isRunningOut(0, 101)).toBe(false);
    chunk.arrived(1, 1, 200);
    expect(chunk.isRunningOut(0, 200)).toBe(false);
  });
});

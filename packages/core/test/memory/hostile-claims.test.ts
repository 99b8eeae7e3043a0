import { describe, expect, test } from "vitest";
import { type Claim, defineLimit, MemoryStore, renderReset } from "../../src/index.ts";

const store = (): MemoryStore => new MemoryStore({ maxPartitions: 10 });
const claim = (change: Partial<Claim> = {}): Claim => ({
  limit: defineLimit({ name: "a", quota: 10, windowMs: 60_000 }),
  partition: "p",
  cost: 1,
  ...change,
});

describe("a claim that cannot be counted", () => {
  test.each([
    ["a time that is no number", 1, Number.POSITIVE_INFINITY],
    ["a fraction of a ms", 1, 0.5],
    ["a cost below zero", -5, 0],
    ["half a unit", 0.5, 0],
    ["more than can be counted", 2 ** 60, 0],
  ])("is refused: %s", (_, cost, now) => {
    const own = store();
    expect(() => own.consume([claim({ cost })], now)).toThrow(expect.objectContaining({ code: "HG_CLAIM_INVALID" }));
    expect(own.consume([claim()], 0)[0]?.remaining).toBe(9);
  });

  test("does not leave its locks held when an algorithm throws", () => {
    const own = store();
    const limit = defineLimit({ name: "a", quota: 10, calendar: { unit: "day", timezone: "UTC" } });
    const beyondAnyDate = Number.MAX_SAFE_INTEGER;
    expect(() => own.consume([claim({ limit })], beyondAnyDate)).toThrow(RangeError);
    expect(own.consume([claim({ limit })], 0)[0]?.remaining).toBe(9);
  });
});

test("a cost that can never be admitted shuts nobody out, even where rejected requests count", () => {
  const own = store();
  const limit = defineLimit({ name: "a", quota: 10, windowMs: 1_000, algorithm: "token-bucket", countRejected: true });
  expect(own.consume([claim({ limit, cost: 2 ** 41 })], 0)[0]).toMatchObject({ admitted: false, remaining: 10 });
  expect(own.consume([claim({ limit })], 0)[0]).toMatchObject({ admitted: true, remaining: 9 });
});

test("a charge after the fact, however large, leaves whole numbers and an instant that can be written", () => {
  const own = store();
  const limit = defineLimit({ name: "a", quota: 1, windowMs: 86_400_000, algorithm: "token-bucket" });
  for (let i = 0; i < 10; i++) own.charge([claim({ limit, cost: 2 ** 40 })], 0);
  const [verdict] = own.peek([claim({ limit })], 0);
  expect(Number.isSafeInteger(verdict?.resetMs)).toBe(true);
  expect(renderReset(verdict?.resetMs ?? 0, "iso-8601", 0)).toMatch(/^[+\d-]+T.*000Z$/);
});

import { expect, test } from "vitest";
import { type Claim, defineLimit, MemoryStore } from "../../src/index.ts";

const NOW = 1_700_000_000_000;

const claims = (count: number): Claim[] =>
  Array.from({ length: count }, (_, i) => ({
    limit: defineLimit({ name: `limit ${i}`, quota: 2, windowMs: 60_000 }),
    partition: "caller",
    cost: 1,
  }));

test("one request meets up to 64 limits, decided together", () => {
  const store = new MemoryStore({ maxPartitions: 1_000 });
  for (const used of [1, 2]) {
    const verdicts = store.consume(claims(64), NOW);
    expect(verdicts.every((verdict) => verdict.admitted && verdict.used === used)).toBe(true);
  }
  expect(store.consume(claims(64), NOW).some((verdict) => verdict.admitted)).toBe(false);
});

test("more than that is an error with a code, and holds up nobody after it", () => {
  const store = new MemoryStore({ maxPartitions: 1_000 });
  expect(() => store.consume(claims(65), NOW)).toThrow(expect.objectContaining({ code: "HG_TOO_MANY_LIMITS" }));
  expect(store.consume(claims(64), NOW).every((verdict) => verdict.admitted)).toBe(true);
});

test("limits of one request never take each other's slot, even in a table of one set", () => {
  const store = new MemoryStore({ maxPartitions: 1 });
  for (let i = 0; i < 100; i++) store.consume([{ ...(claims(1)[0] as Claim), partition: `stranger ${i}` }], NOW);
  const verdicts = store.consume(claims(14), NOW);
  expect(verdicts.map(({ used }) => used)).toEqual(Array.from({ length: 14 }, () => 1));
  expect(store.peek(claims(14), NOW).map(({ used }) => used)).toEqual(Array.from({ length: 14 }, () => 1));
});

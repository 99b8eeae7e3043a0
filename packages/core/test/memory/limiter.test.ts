import fc from "fast-check";
import { expect, test } from "vitest";
import { defineLimit, Limiter, MemoryStore } from "../../src/index.ts";
import { ALGORITHMS, anyLimit, arrivalsAt } from "../arbitrary.ts";

test("a limiter says what the store says, whatever the limit and the timeline", () => {
  const story = fc
    .constantFrom(...ALGORITHMS)
    .chain(anyLimit)
    .chain((limit) => fc.tuple(fc.constant(limit), fc.array(arrivalsAt(limit), { maxLength: 40 })));
  fc.assert(
    fc.property(story, ([limit, arrivals]) => {
      const limiter = new Limiter(limit, new MemoryStore({ maxPartitions: 10 }));
      const store = new MemoryStore({ maxPartitions: 10 });
      let now = 1_000_000;
      for (const { gapMs, cost } of arrivals) {
        now += gapMs;
        const [verdict] = store.consume([{ limit, partition: "caller", cost }], now);
        expect({ ...limiter.take("caller", now, cost) }).toEqual(verdict);
      }
    }),
  );
});

test("a limiter and its store count together", () => {
  const store = new MemoryStore({ maxPartitions: 10 });
  const limit = { name: "a", quota: 5, windowMs: 1_000 };
  const limiter = new Limiter(defineLimit(limit), store);
  limiter.take("caller", 0);
  store.consume([{ limit: defineLimit(limit), partition: "caller", cost: 3 }], 0);
  expect(limiter.take("caller", 0)).toMatchObject({ admitted: true, remaining: 0 });
  expect(limiter.take("caller", 0)).toMatchObject({ admitted: false, retryAfterMs: 1_000 });
});

test("a limiter refuses what cannot be counted", () => {
  const limiter = new Limiter(
    defineLimit({ name: "a", quota: 5, windowMs: 1_000 }),
    new MemoryStore({ maxPartitions: 10 }),
  );
  limiter.take("caller", 0);
  expect(() => limiter.take("caller", 0.5)).toThrow(expect.objectContaining({ code: "HG_CLAIM_INVALID" }));
  expect(() => limiter.take("caller", 0, -1)).toThrow(expect.objectContaining({ code: "HG_CLAIM_INVALID" }));
  expect(limiter.take("caller", 0).remaining).toBe(3);
});

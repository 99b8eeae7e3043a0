import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineLimit, type Limit, type Verdict } from "../src/index.ts";
import { ALGORITHMS, anyLimit, anyStory, arrivalsAt, claimOn, instants, smallStore } from "./arbitrary.ts";

/** How far a clock is set back: a few ms, about a window, or years. */
function stepsBack({ windowMs }: Limit): fc.Arbitrary<number> {
  return fc.oneof(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 3 * windowMs }),
    fc.constant(5 * 365 * 86_400_000),
  );
}

const stepBackIn = (algorithm: Limit["algorithm"]) =>
  anyStory(algorithm)
    .filter(({ limit }) => !limit.countRejected)
    .chain((story) => fc.record({ story: fc.constant(story), stepMs: stepsBack(story.limit) }));

describe.each(ALGORITHMS)("%s: when the clock is set back", (algorithm) => {
  test("no unit is freed by it", () => {
    fc.assert(
      fc.property(stepBackIn(algorithm), ({ story, stepMs }) => {
        const { store, before, now } = upTo(story);
        const [after] = store.peek([claimOn(story.limit, 1)], now - stepMs);
        expect(after?.used).toBeGreaterThanOrEqual(before.used);
      }),
      { numRuns: 300 },
    );
  });

  test("waits stay true, and are at most one window longer than they can be otherwise", () => {
    fc.assert(
      fc.property(stepBackIn(algorithm), ({ story, stepMs }) => {
        const { limit } = story;
        const { store, now } = upTo(story);
        const stepped = now - stepMs;
        const [verdict] = store.consume([claimOn(limit, limit.capacity)], stepped);
        const waitMs = verdict?.retryAfterMs ?? Number.NaN;
        expect(waitMs).toBeLessThanOrEqual(longestWaitMs(limit) + limit.windowMs);
        if (waitMs === 0) return;
        expect(store.peek([claimOn(limit, limit.capacity)], stepped + waitMs - 1)[0]?.admitted).toBe(false);
        expect(store.peek([claimOn(limit, limit.capacity)], stepped + waitMs)[0]?.admitted).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("the whole capacity is there again as soon as it would be otherwise, give or take a window", () => {
    fc.assert(
      fc.property(stepBackIn(algorithm), ({ story, stepMs }) => {
        const { store, now } = upTo(story);
        const stepped = now - stepMs;
        const claims = [claimOn(story.limit, 1)];
        store.peek(claims, stepped);
        const recovered = stepped + longestWaitMs(story.limit) + story.limit.windowMs;
        expect(store.peek(claims, recovered)[0]?.used).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe.each(["fixed-window", "sliding-window"] as const)("%s", (algorithm) => {
  test("a clock that jumps about within a window admits no more than the quota", () => {
    const jumps = anyLimit(algorithm).chain((limit) =>
      fc.record({
        limit: fc.constant(limit),
        visits: fc.array(fc.tuple(fc.integer({ min: 0, max: limit.windowMs - 1 }), arrivalsAt(limit))),
      }),
    );
    fc.assert(
      fc.property(jumps, ({ limit, visits }) => {
        const store = smallStore();
        const start = 1_000_000 * limit.windowMs;
        let admitted = 0;
        for (const [offsetMs, { cost }] of visits) {
          if (store.consume([claimOn(limit, cost)], start + offsetMs)[0]?.admitted) admitted += cost;
        }
        expect(admitted).toBeLessThanOrEqual(limit.quota);
      }),
    );
  });
});

test("token-bucket: a clock that jumps about refills only as it goes forward", () => {
  const jumps = anyLimit("token-bucket").chain((limit) =>
    fc.record({
      limit: fc.constant(limit),
      visits: fc.array(fc.tuple(fc.integer({ min: -3 * limit.windowMs, max: 3 * limit.windowMs }), arrivalsAt(limit))),
    }),
  );
  fc.assert(
    fc.property(jumps, ({ limit, visits }) => {
      const store = smallStore();
      let now = 1_700_000_000_000;
      let forwardMs = 0;
      let admitted = 0;
      for (const [jumpMs, { cost }] of visits) {
        now += jumpMs;
        if (admitted > 0) forwardMs += Math.max(0, jumpMs);
        if (store.consume([claimOn(limit, cost)], now)[0]?.admitted) admitted += cost;
      }
      const refilled = BigInt(forwardMs) * BigInt(limit.quota);
      const window = BigInt(limit.windowMs);
      expect(BigInt(admitted) * window).toBeLessThanOrEqual(BigInt(limit.capacity) * window + refilled);
    }),
  );
});

test("fixed-window: windows of the clock stay on its multiples", () => {
  const limit = defineLimit({ name: "ten a minute", quota: 10, windowMs: 60_000, align: "clock" });
  const store = smallStore();
  store.consume([claimOn(limit, 1)], 600_000);
  expect(store.peek([claimOn(limit, 1)], 70_000)[0]).toMatchObject({ used: 1, resetMs: 50_000 });
});

/** Plays a story, and says how things stood at its end. */
function upTo(story: Parameters<typeof instants>[0]) {
  const store = smallStore();
  let now = story.start;
  for (const arrival of instants(story)) {
    now = arrival.now;
    store.consume([claimOn(story.limit, arrival.cost)], now);
  }
  const [before] = store.peek([claimOn(story.limit, 1)], now);
  return { store, before: before as Verdict, now };
}

/** The longest that anybody can have to wait under a clock that only goes forward. */
function longestWaitMs({ algorithm, windowMs, capacity, quota }: Limit): number {
  if (algorithm === "sliding-window") return 2 * windowMs;
  if (algorithm === "token-bucket") return Math.ceil((capacity * windowMs) / quota);
  return windowMs;
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Algorithm, Limit } from "../src/index.ts";
import { defineLimit, fixedWindow, slidingWindow, tokenBucket } from "../src/index.ts";
import { anyStory, instants } from "./arbitrary.ts";

const WINDOWED: readonly Algorithm[] = [fixedWindow, slidingWindow, tokenBucket];
const NAMES = ["fixed-window", "sliding-window", "token-bucket"] as const;

describe.each(NAMES)("%s", (name) => {
  const algorithm = WINDOWED[NAMES.indexOf(name)] as Algorithm;

  test("state is whole numbers below 2^53, whatever happens", () => {
    fc.assert(
      fc.property(anyStory(name), (story) => {
        const cells = new Float64Array(3);
        for (const { now, cost } of instants(story)) {
          algorithm.advance(cells, 0, story.limit, now);
          if (algorithm.wait(cells, 0, story.limit, cost, now) === 0)
            algorithm.charge(cells, 0, story.limit, cost, now);
          expect(cells.every(Number.isSafeInteger)).toBe(true);
        }
      }),
    );
  });

  test("advancing twice is advancing once", () => {
    fc.assert(
      fc.property(anyStory(name), (story) => {
        const cells = new Float64Array(3);
        for (const { now, cost } of instants(story)) {
          algorithm.advance(cells, 0, story.limit, now);
          const once = [...cells];
          algorithm.advance(cells, 0, story.limit, now);
          expect([...cells]).toEqual(once);
          algorithm.charge(cells, 0, story.limit, cost, now);
        }
      }),
    );
  });

  test("only the three cells it was given are touched", () => {
    const cells = new Float64Array(9).fill(-1).fill(0, 3, 6);
    const limit = largest(name);
    algorithm.advance(cells, 3, limit, NOW);
    const ticket = algorithm.charge(cells, 3, limit, 5, NOW);
    algorithm.refund(cells, 3, limit, 2, ticket, NOW);
    expect(algorithm.used(cells, 3, limit, NOW)).toBe(3);
    expect([...cells.subarray(0, 3), ...cells.subarray(6)]).toEqual([-1, -1, -1, -1, -1, -1]);
  });

  test("the largest limit there can be is counted to the unit", () => {
    const limit = largest(name);
    const cells = new Float64Array(3);
    algorithm.advance(cells, 0, limit, NOW);
    algorithm.charge(cells, 0, limit, limit.quota - 1, NOW);
    expect(algorithm.wait(cells, 0, limit, 1, NOW)).toBe(0);
    expect(algorithm.wait(cells, 0, limit, 2, NOW)).toBeGreaterThan(0);
    algorithm.charge(cells, 0, limit, 1, NOW);
    expect(algorithm.used(cells, 0, limit, NOW)).toBe(limit.quota);
    expect(cells.every(Number.isSafeInteger)).toBe(true);
  });
});

test("a token bucket keeps what was used through a change of its window", () => {
  const windows = fc.integer({ min: 1, max: 86_400_000 });
  const gaps = fc.integer({ min: 0, max: 1_000 });
  fc.assert(
    fc.property(windows, windows, fc.integer({ min: 1, max: 1_000 }), gaps, (windowMs, changedMs, cost, gapMs) => {
      const [limit, changed] = [windowMs, changedMs].map((ms) =>
        defineLimit({ name: "b", algorithm: "token-bucket", quota: 1_000, windowMs: ms }),
      ) as [Limit, Limit];
      const later = NOW + gapMs;
      const cells = new Float64Array(3);
      tokenBucket.advance(cells, 0, limit, NOW);
      tokenBucket.charge(cells, 0, limit, cost, NOW);
      tokenBucket.advance(cells, 0, limit, later);
      const used = tokenBucket.used(cells, 0, limit, later);
      tokenBucket.advance(cells, 0, changed, later);
      expect(tokenBucket.used(cells, 0, changed, later)).toBe(used);
      expect(cells.every(Number.isSafeInteger)).toBe(true);
    }),
  );
});

/** On no window's edge. */
const NOW = 1_700_000_123_457;

/** 2 x quota x window is just below 2^53. */
function largest(algorithm: Limit["algorithm"]): Limit {
  return defineLimit({ name: "largest", algorithm, quota: 2 ** 40, windowMs: 4_095 });
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Limit } from "../src/index.ts";
import { anyStory, claimOn, instants, type Story, smallStore } from "./arbitrary.ts";
import type { Admission } from "./reference.ts";

describe("never more than the quota is admitted", () => {
  test("fixed-window: in the windows that first requests open", () => {
    holds(
      "fixed-window",
      ({ align }) => align === "first-request",
      (limit, admissions) => {
        let opened = Number.NEGATIVE_INFINITY;
        for (const { at } of admissions) {
          if (at < opened + limit.windowMs) continue;
          opened = at;
          expect(unitsWithin(admissions, opened, opened + limit.windowMs)).toBeLessThanOrEqual(limit.quota);
        }
      },
    );
  });

  test("fixed-window: in any window of the clock", () => {
    holds(
      "fixed-window",
      ({ align }) => align === "clock",
      (limit, admissions) => {
        for (const { at } of admissions) {
          const start = at - (at % limit.windowMs);
          expect(unitsWithin(admissions, start, start + limit.windowMs)).toBeLessThanOrEqual(limit.quota);
        }
      },
    );
  });

  test("sliding-window: in the window so far and the share of the one before that it stands for", () => {
    holds("sliding-window", always, ({ quota, windowMs }, admissions) => {
      for (const { at } of admissions) {
        const start = at - (at % windowMs);
        const previous = unitsWithin(admissions, start - windowMs, start);
        const current = unitsWithin(admissions, start, at + 1);
        const weighted = BigInt(previous) * BigInt(windowMs - (at - start)) + BigInt(current) * BigInt(windowMs);
        expect(weighted).toBeLessThanOrEqual(BigInt(quota) * BigInt(windowMs));
      }
    });
  });

  test("token-bucket: between any two admissions, more than the burst and what has been refilled meanwhile", () => {
    holds("token-bucket", always, ({ quota, windowMs, capacity }, admissions) => {
      for (const [i, { at: from }] of admissions.entries()) {
        for (const { at: to } of admissions.slice(i)) {
          const units = BigInt(unitsWithin(admissions.slice(i), from, to + 1)) * BigInt(windowMs);
          const allowed = BigInt(capacity) * BigInt(windowMs) + BigInt(to - from) * BigInt(quota);
          expect(units).toBeLessThanOrEqual(allowed);
        }
      }
    });
  });

  test("concurrency: at once", () => {
    holds("concurrency", always, ({ quota, windowMs }, admissions) => {
      for (const { at } of admissions) {
        expect(unitsWithin(admissions, at - windowMs + 1, at + 1)).toBeLessThanOrEqual(quota);
      }
    });
  });
});

const always = () => true;

/** Plays stories of limits that are `meant`, and checks what was admitted in each. */
function holds(
  algorithm: Limit["algorithm"],
  meant: (limit: Limit) => boolean,
  check: (limit: Limit, admissions: readonly Admission[]) => void,
): void {
  const stories = anyStory(algorithm).filter(({ limit }) => meant(limit));
  fc.assert(
    fc.property(stories, (story) => check(story.limit, admissionsOf(story))),
    { numRuns: 300 },
  );
}

function admissionsOf(story: Story): Admission[] {
  const store = smallStore();
  const admissions: Admission[] = [];
  for (const { now, cost } of instants(story)) {
    const [verdict] = store.consume([claimOn(story.limit, cost)], now);
    if (verdict?.admitted && cost > 0) admissions.push({ at: now, cost });
  }
  return admissions;
}

/** Units admitted at `from` or later, and before `to`. */
function unitsWithin(admissions: readonly Admission[], from: number, to: number): number {
  return admissions.reduce((sum, { at, cost }) => (at >= from && at < to ? sum + cost : sum), 0);
}

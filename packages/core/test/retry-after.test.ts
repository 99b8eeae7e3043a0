import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryAfterSeconds, toDecision } from "../src/index.ts";
import { ALGORITHMS, anyStory, claimOn, instants, type Story, smallStore } from "./arbitrary.ts";

describe.each(ALGORITHMS)("%s", (algorithm) => {
  test("a caller that waits as told is admitted, and would have been denied before", () => {
    fc.assert(fc.property(anyStory(algorithm), waitsAreTrue), { numRuns: 400 });
  });
});

test("over several limits, waiting the longest wait is enough, and one second less is not", () => {
  const stories = fc.tuple(anyStory("fixed-window"), anyStory("sliding-window"), anyStory("token-bucket"));
  fc.assert(
    fc.property(stories, (several) => {
      const store = smallStore();
      let now = Math.max(...several.map(({ start }) => start));
      const claims = several.map(({ limit, arrivals }) => claimOn(limit, arrivals[0]?.cost ?? 1));
      for (let i = 0; i < 20; i++) {
        const decision = toDecision(store.consume(claims, now));
        const seconds = retryAfterSeconds(decision);
        if (seconds === undefined) continue;
        if (seconds > 1) expect(toDecision(store.peek(claims, now + (seconds - 1) * 1000)).allowed).toBe(false);
        now += seconds * 1000;
        expect(toDecision(store.peek(claims, now)).allowed).toBe(true);
      }
    }),
  );
});

/** Plays a story until somebody is told to wait, and looks at the moments around the end of that wait. */
function waitsAreTrue(story: Story): void {
  const store = smallStore();
  for (const { now, cost } of instants(story)) {
    const claims = [claimOn(story.limit, cost)];
    const decision = toDecision(store.consume(claims, now));
    const seconds = retryAfterSeconds(decision);
    const waitMs = decision.binding?.retryAfterMs ?? 0;

    if (decision.reason === "too-costly") expect(seconds).toBeUndefined();
    if (decision.reason !== "limited" || seconds === undefined) continue;
    const allowedAfter = (ms: number) => toDecision(store.peek(claims, now + ms)).allowed;
    expect(seconds).toBeGreaterThanOrEqual(1);
    // In the order of time: looking must not turn the clock back.
    if (seconds > 1) expect(allowedAfter((seconds - 1) * 1000)).toBe(false);
    expect(allowedAfter(waitMs - 1)).toBe(false);
    expect(allowedAfter(waitMs)).toBe(true);
    expect(allowedAfter(seconds * 1000)).toBe(true);
    return;
  }
}

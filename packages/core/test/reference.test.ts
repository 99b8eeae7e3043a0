import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NOT_CHARGED, type Verdict } from "../src/index.ts";
import { ALGORITHMS, anyStory, claimOn, instants, type Story, smallStore } from "./arbitrary.ts";
import { type Admission, firstMs, referenceFor } from "./reference.ts";

describe.each(ALGORITHMS)("%s", (algorithm) => {
  test("says at every step what the definition says, worked out from the list of past admissions", () => {
    fc.assert(fc.property(anyStory(algorithm), tellAndCompare), { numRuns: 400 });
  });
});

function tellAndCompare(story: Story): void {
  const { limit } = story;
  const store = smallStore();
  const reference = referenceFor(limit);
  const past: Admission[] = [];

  for (const { now, cost } of instants(story)) {
    const [verdict] = store.consume([claimOn(limit, cost)], now);
    const admitted = reference.admits(past, cost, now);
    // What can never be admitted is not counted: one such request would shut everyone out for ever.
    const isCharged = admitted || (limit.countRejected && cost <= limit.capacity);
    if (isCharged) past.push({ at: now, cost });

    // Nothing is charged above the capacity but rejected requests that count; then waiting takes correspondingly longer.
    const longestMs = (past.length + 2) * limit.windowMs * (limit.capacity + 1);
    const used = reference.used(past, now);
    expect(outcome(verdict as Verdict)).toEqual({
      admitted,
      isCharged,
      used,
      remaining: limit.capacity - used,
      retryAfterMs: admitted ? 0 : firstMs(longestMs, (ms) => reference.admits(past, cost, now + ms)),
    });
    // Of an unused partition it is a matter of taste when it is whole again.
    if (used > 0) expect(verdict?.resetMs).toBe(firstMs(longestMs, (ms) => reference.used(past, now + ms) === 0));
  }
}

function outcome({ admitted, used, remaining, retryAfterMs, ticket }: Verdict) {
  return { admitted, isCharged: ticket !== NOT_CHARGED, used, remaining, retryAfterMs };
}

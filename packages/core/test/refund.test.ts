import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AlgorithmName, type Charge, defineLimit, NOT_CHARGED } from "../src/index.ts";
import { anyStory, claimOn, instants, type Story, smallStore } from "./arbitrary.ts";
import { type Admission, referenceFor } from "./reference.ts";

/** A story in which some of the charges are given back, each after some more arrivals have come. */
function storiesWithRefunds(algorithm: AlgorithmName) {
  return anyStory(algorithm).chain((story) => {
    const refundedAfter = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined });
    const count = story.arrivals.length;
    return fc.record({
      story: fc.constant(story),
      refundedAfter: fc.array(refundedAfter, { minLength: count, maxLength: count }),
    });
  });
}

describe.each(["fixed-window", "sliding-window", "concurrency"] as const)("%s", (algorithm) => {
  test("a charge given back is as if it had never been, and only while its window counts", () => {
    // A window that a first request opened stays open when that one request is given back.
    const stories = storiesWithRefunds(algorithm).filter(
      ({ story }) => algorithm !== "fixed-window" || story.limit.align === "clock",
    );
    fc.assert(
      fc.property(stories, ({ story, refundedAfter }) => {
        const reference = referenceFor(story.limit);
        play(story, refundedAfter, ({ past, used, now }) => expect(used).toBe(reference.used(past, now)));
      }),
      { numRuns: 400 },
    );
  });
});

test("fixed-window: a charge is given back in full until its window ends, and not at all from then on", () => {
  fc.assert(
    fc.property(anyStory("fixed-window"), fc.nat(), fc.nat(), (story, which, after) => {
      const store = smallStore();
      const arrivals = [...instants(story)];
      const given = which % arrivals.length;
      let charge: Charge | undefined;
      let endsAt = 0;
      for (const [i, { now, cost }] of arrivals.entries()) {
        const claim = claimOn(story.limit, cost);
        const [verdict] = store.consume([claim], now);
        if (i === given && verdict) {
          charge = { claim, ticket: verdict.ticket };
          endsAt = now + verdict.resetMs;
        }
        if (!charge || charge.ticket === NOT_CHARGED || i < given + (after % 10)) continue;
        const before = store.peek([claim], now)[0]?.used ?? Number.NaN;
        const isOpen = now < endsAt;
        expect(store.refund([charge], now)[0]?.used).toBe(before - (isOpen ? charge.claim.cost : 0));
        return;
      }
    }),
    { numRuns: 400 },
  );
});

describe("token-bucket", () => {
  const limit = defineLimit({ name: "ten a second", algorithm: "token-bucket", quota: 10, windowMs: 1_000 });

  test("between any two instants, what is spent and not given back is within the burst and the refill", () => {
    fc.assert(
      fc.property(
        storiesWithRefunds("token-bucket").filter(({ story }) => !story.limit.countRejected),
        ({ story, refundedAfter }) => {
          const { quota, windowMs, capacity } = story.limit;
          play(story, refundedAfter, ({ past, now }) => {
            let spent = 0n;
            for (const { at, cost } of past.toReversed()) {
              spent += BigInt(cost) * BigInt(windowMs);
              expect(spent).toBeLessThanOrEqual(BigInt(capacity) * BigInt(windowMs) + BigInt(now - at) * BigInt(quota));
            }
          });
        },
      ),
      { numRuns: 400 },
    );
  });

  test("what has been refilled since a charge is not given back a second time", () => {
    const remainingAfter = (refundedAt: number) => {
      const store = smallStore();
      const claim = claimOn(limit, 5);
      const [charged] = store.consume([claim], 0);
      store.charge([claimOn(limit, 10)], refundedAt);
      return store.refund([{ claim, ticket: charged?.ticket ?? NOT_CHARGED }], refundedAt)[0]?.remaining;
    };
    expect(remainingAfter(0)).toBe(0);
    expect(remainingAfter(200)).toBe(0);
    expect(remainingAfter(500)).toBe(0);
    expect(remainingAfter(1_000)).toBe(0);
  });

  test("a charge from before the clock was set back far is not given back", () => {
    const store = smallStore();
    const claim = claimOn(limit, 5);
    const [charged] = store.consume([claim], 1_000_000);
    const [late] = store.refund([{ claim, ticket: charged?.ticket ?? NOT_CHARGED }], 0);
    expect(late?.remaining).toBe(5);
  });
});

/**
 * Plays a story, giving back each charge as many arrivals later as `refundedAfter` says, and reports after every step
 * what is charged and not given back. Every charge is a claim of its own.
 */
function play(
  story: Story,
  refundedAfter: readonly (number | undefined)[],
  check: (state: { past: readonly Admission[]; used: number; now: number }) => void,
): void {
  const store = smallStore();
  const charges: { charge: Charge; admission: Admission; refundAt: number }[] = [];
  let past: Admission[] = [];
  let step = 0;
  for (const { now, cost } of instants(story)) {
    const claim = claimOn(story.limit, cost);
    const [verdict] = store.consume([claim], now);
    const refundAt = step + (refundedAfter[step] ?? Number.NaN);
    if (verdict && verdict.ticket !== NOT_CHARGED) {
      const admission = { at: now, cost };
      past.push(admission);
      charges.push({ charge: { claim, ticket: verdict.ticket }, admission, refundAt });
    }
    const due = charges.filter((charged) => charged.refundAt === step);
    store.refund(
      due.map(({ charge }) => charge),
      now,
    );
    const refunded = due.map(({ admission }) => admission);
    past = past.filter((admission) => !refunded.includes(admission));
    const [after] = store.peek([claimOn(story.limit, 0)], now);
    check({ past, used: after?.used ?? Number.NaN, now });
    step += 1;
  }
}

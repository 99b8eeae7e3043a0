import fc from "fast-check";
import { expect, test } from "vitest";
import { type Claim, defineLimit, type Limit, NOT_CHARGED, toDecision, type Verdict } from "../src/index.ts";
import { ALGORITHMS, type Arrival, anyLimit, arrivalsAt, smallStore } from "./arbitrary.ts";

/** Two to four limits that one request meets, some of them shadows, and requests that ask each for a cost of its own. */
const severalLimits = fc
  .array(fc.tuple(fc.constantFrom(...ALGORITHMS).chain(anyLimit), fc.boolean()), { minLength: 2, maxLength: 4 })
  .map((limits) => limits.map(([limit, isShadow]) => Object.freeze({ ...limit, isShadow })))
  .chain((limits) => {
    const request: fc.Arbitrary<Arrival[]> = fc.tuple(...limits.map(arrivalsAt));
    return fc.record({ limits: fc.constant(limits), requests: fc.array(request, { minLength: 1, maxLength: 25 }) });
  });

test("a request is charged to every limit it meets, or to none but those that count rejected requests", () => {
  fc.assert(
    fc.property(severalLimits, ({ limits, requests }) => {
      const store = smallStore();
      let now = 1_700_000_000_000;
      for (const request of requests) {
        now += Math.min(...request.map(({ gapMs }) => gapMs));
        const claims = limits.map((limit, i): Claim => ({ limit, partition: "caller", cost: request[i]?.cost ?? 1 }));
        const before = store.peek(claims, now);
        const verdicts = store.consume(claims, now);
        const after = store.peek(claims, now);
        const { allowed } = toDecision(verdicts);

        expect(allowed).toBe(verdicts.every(({ limit, admitted }) => admitted || limit.isShadow));
        for (const [i, { limit, admitted, ticket }] of verdicts.entries()) {
          const isPossible = (claims[i]?.cost ?? 0) <= limit.capacity;
          const isCharged = (limit.countRejected && isPossible) || (allowed && admitted);
          const cost = limit.algorithm === "concurrency" ? 1 : (claims[i]?.cost ?? 0);
          expect(ticket !== NOT_CHARGED).toBe(isCharged);
          expect(admitted).toBe(before[i]?.admitted);
          if (isCharged) expect(after[i]?.used).toBe((before[i]?.used ?? 0) + cost);
          else expect(after[i]).toEqual(before[i]);
        }
      }
    }),
    { numRuns: 400 },
  );
});

test("the limit that denies longest is the one to wait for", () => {
  const limits = [1_000, 30_000, 5_000].map((windowMs) => defineLimit({ name: `${windowMs} ms`, quota: 1, windowMs }));
  const claims = limits.map((limit): Claim => ({ limit, partition: "caller", cost: 1 }));
  const store = smallStore();
  store.consume(claims, 0);
  const decision = toDecision(store.consume(claims, 400));
  expect(decision.binding).toEqual(
    expect.objectContaining<Partial<Verdict>>({ limit: limits[1] as Limit, retryAfterMs: 29_600 }),
  );
});

import fc from "fast-check";
import { defineLimit, type Limit, NOT_CHARGED, type Verdict } from "../../src/index.ts";

/** Any name that the wire can carry: printable ASCII, quotes and separators of the dialects among it. */
const names = fc.oneof(
  fc.constantFrom('"', "\\", '\\"', "a, b", "a;r=1", " ", "per minute"),
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 }),
);

const limits: fc.Arbitrary<Limit> = fc.oneof(
  fc
    .record({
      name: names,
      quota: fc.integer({ min: 1, max: 1_000_000 }),
      windowMs: fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.constantFrom(1_000, 60_000, 86_400_000)),
      unit: fc.constantFrom("requests", "content-bytes"),
      algorithm: fc.constantFrom("fixed-window", "sliding-window", "token-bucket"),
    })
    .map(defineLimit),
  fc
    .record({ name: names, quota: fc.integer({ min: 1, max: 100 }), algorithm: fc.constant("concurrency") })
    .map(defineLimit),
);

/** What any limit can say, remaining below zero included. */
export const verdicts: fc.Arbitrary<Verdict> = limits.chain((limit) =>
  fc
    .record({
      remaining: fc.integer({ min: -1_000, max: limit.quota }),
      resetMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 400 * 86_400_000 })),
    })
    .map(({ remaining, resetMs }) => ({
      limit,
      admitted: true,
      used: limit.capacity - remaining,
      remaining,
      resetMs,
      retryAfterMs: 0,
      ticket: NOT_CHARGED,
    })),
);

/** A header's value by its name, whatever the case. */
export function headerOf(pairs: readonly (readonly [string, string])[], name: string): string | undefined {
  return pairs.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineLimit, MemoryStore, parseRateLimit, renderRateLimit, type Verdict } from "../../src/index.ts";
import { headerOf, verdicts } from "./verdict-arbitrary.ts";

function throughTheWire(given: readonly Verdict[]) {
  const pairs = renderRateLimit(given);
  return parseRateLimit({ policy: headerOf(pairs, "RateLimit-Policy"), state: headerOf(pairs, "RateLimit") });
}

describe("RateLimit and RateLimit-Policy", () => {
  test("what is rendered is what is parsed, odd names, units and windows included", () => {
    const several = fc.uniqueArray(verdicts, { maxLength: 5, selector: ({ limit }) => limit.name });
    fc.assert(
      fc.property(several, (given) => {
        expect(throughTheWire(given)).toEqual(
          given.map(({ limit, remaining, resetMs }) => ({
            name: limit.name,
            quota: limit.quota,
            unit: limit.unit,
            // The draft knows neither windows of parts of a second, nor one of requests in flight.
            ...(limit.algorithm === "concurrency" || limit.windowMs % 1000 !== 0
              ? {}
              : { windowSeconds: limit.windowMs / 1000 }),
            // Nor less than nothing.
            remaining: Math.max(0, remaining),
            resetSeconds: Math.ceil(resetMs / 1000),
          })),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("read as the draft's examples do", () => {
    const limits = [
      defineLimit({ name: "burst", quota: 100, windowMs: 60_000 }),
      defineLimit({ name: "daily", quota: 1_000_000, windowMs: 86_400_000, unit: "content-bytes" }),
      defineLimit({ name: "at once", quota: 5, algorithm: "concurrency", holdMs: 30_000 }),
    ];
    const claims = limits.map((limit) => ({ limit, partition: "caller", cost: 1 }));
    expect(renderRateLimit(new MemoryStore({ maxPartitions: 10 }).consume(claims, 1_000))).toEqual([
      [
        "RateLimit-Policy",
        '"burst";q=100;w=60, "daily";q=1000000;w=86400;qu="content-bytes", "at once";q=5;qu="concurrent-requests"',
      ],
      ["RateLimit", '"burst";r=99;t=60, "daily";r=999999;t=86400, "at once";r=4;t=30'],
    ]);
  });

  test("a name outside ASCII is carried as question marks, never as a broken field", () => {
    const [verdict] = fc.sample(verdicts, { numRuns: 1, seed: 1 });
    if (!verdict) throw new Error("no sample");
    const limit = defineLimit({ name: "über\r\nX-Evil: 1", quota: 1, windowMs: 1_000 });
    expect(throughTheWire([{ ...verdict, limit }])[0]?.name).toBe("?ber??X-Evil: 1");
  });

  test("no limit, no field", () => {
    expect(renderRateLimit([])).toEqual([]);
    expect(parseRateLimit({})).toEqual([]);
  });

  test("state without its policy is still obeyed; policy without state says nothing of now", () => {
    expect(parseRateLimit({ state: '"a";r=5;t=10' })).toEqual([{ name: "a", remaining: 5, resetSeconds: 10 }]);
    expect(parseRateLimit({ state: '"a";r=5', policy: '"b";q=1' })).toEqual([{ name: "a", remaining: 5 }]);
    expect(parseRateLimit({ policy: '"a";q=5;w=1' })).toEqual([]);
  });

  test("a member without its required parameter, or with one of another type, is passed over", () => {
    expect(parseRateLimit({ state: '"a";t=1, "b";r=2, "c";r="3", "d";r=-4, "e";r=5.5, "f";r' })).toEqual([
      { name: "b", remaining: 2 },
    ]);
    expect(parseRateLimit({ state: '"a";r=1', policy: '"a";w=60' })).toEqual([{ name: "a", remaining: 1 }]);
    expect(parseRateLimit({ state: '"a";r=1', policy: '"a";q=9;w="60";qu=7' })).toEqual([
      { name: "a", remaining: 1, quota: 9 },
    ]);
  });

  test("a unit that the draft does not know is passed on as it is", () => {
    const [limit] = parseRateLimit({ state: '"a";r=1', policy: '"a";q=9;qu="tokens"' });
    expect(limit?.unit).toBe("tokens");
  });

  test("a policy is not taken for the one before, nor is a malformed one", () => {
    const state = '"a";r=1';
    const quotaOf = (policy: string | undefined) => parseRateLimit({ state, policy })[0]?.quota;
    const policies = [
      '"a";q=5',
      '"a";q=6',
      '"a";q=6, "a";q=7',
      '"a";q=6, "a";w=1',
      '"b";q=6',
      '"a";q=6,',
      undefined,
      '"a";q=5',
    ];
    expect(policies.map(quotaOf)).toEqual([5, 6, 7, undefined, undefined, undefined, undefined, 5]);
  });

  test("many policies by turns are told apart", () => {
    const quotas = Array.from({ length: 500 }, (_, i) => i % 250);
    const parsed = quotas.map((quota) => parseRateLimit({ state: '"a";r=1', policy: `"a";q=${quota}` })[0]?.quota);
    expect(parsed).toEqual(quotas);
  });
});

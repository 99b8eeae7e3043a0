import { describe, expect, test } from "vitest";
import { defineLimit, type HeaderFormat, MemoryStore, renderHeaders, toDecision } from "../../src/index.ts";

const NOW = 1_000_000;
const wide = defineLimit({ name: "wide", quota: 100, windowMs: 60_000 });
const narrow = defineLimit({ name: "narrow", quota: 10, windowMs: 1_000 });
const shadow = defineLimit({ name: "shadow", quota: 1, windowMs: 1_000, mode: "shadow" });

function headersOf(limits: readonly (typeof wide)[], style: HeaderFormat["style"]): Record<string, string> {
  const store = new MemoryStore({ maxPartitions: 10 });
  const decision = toDecision(
    store.consume(
      limits.map((limit) => ({ limit, partition: "caller", cost: 1 })),
      NOW,
    ),
  );
  return Object.fromEntries(renderHeaders(decision, { style, reset: "delta-seconds" }, NOW));
}

describe("the headers of a response", () => {
  test("x-ratelimit speaks of the binding limit alone", () => {
    expect(headersOf([wide, narrow, shadow], "x-ratelimit")).toEqual({
      "X-RateLimit-Limit": "10",
      "X-RateLimit-Remaining": "9",
      "X-RateLimit-Reset": "1",
    });
  });

  test("ratelimit lists every enforced limit in the policy's order, and no shadow", () => {
    expect(headersOf([wide, shadow, narrow], "ratelimit")).toEqual({
      "RateLimit-Policy": '"wide";q=100;w=60, "narrow";q=10;w=1',
      RateLimit: '"wide";r=99;t=60, "narrow";r=9;t=1',
    });
  });

  test("both are both, none is none", () => {
    expect(Object.keys(headersOf([wide], "both"))).toHaveLength(5);
    expect(headersOf([wide], "none")).toEqual({});
  });

  test("a request that meets no limit, or only shadows, carries none", () => {
    expect(headersOf([], "both")).toEqual({});
    expect(headersOf([shadow], "both")).toEqual({});
  });
});

test("a reset is told from when the headers are sent, not from when it was decided", () => {
  const limit = defineLimit({ name: "key", quota: 10, windowMs: 10_000 });
  const decision = toDecision(
    new MemoryStore({ maxPartitions: 10 }).consume([{ limit, partition: "a", cost: 1 }], NOW),
  );
  const sent = renderHeaders(decision, { style: "both", reset: "delta-seconds" }, NOW + 3_000, NOW);
  expect(Object.fromEntries(sent)).toMatchObject({ "X-RateLimit-Reset": "7", RateLimit: '"key";r=9;t=7' });
});

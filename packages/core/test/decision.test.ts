import { describe, expect, test } from "vitest";
import { defineLimit, NOT_CHARGED, retryAfterSeconds, toDecision, type Verdict } from "../src/index.ts";

/** What a limit of `quota` says. */
function verdict(quota: number, said: Partial<Verdict> & { isShadow?: boolean } = {}): Verdict {
  const { isShadow, ...rest } = said;
  const limit = defineLimit({ name: `${quota}`, quota, windowMs: 60_000, mode: isShadow ? "shadow" : "enforce" });
  return {
    limit,
    admitted: true,
    used: 0,
    remaining: quota,
    resetMs: 0,
    retryAfterMs: 0,
    ticket: NOT_CHARGED,
    ...rest,
  };
}

const denies = (quota: number, retryAfterMs: number, isShadow = false) =>
  verdict(quota, { admitted: false, remaining: 0, retryAfterMs, isShadow });

describe("a decision", () => {
  test("allows what every enforced limit admits, bound by the one with the least share left", () => {
    const tight = verdict(1_000, { remaining: 100 });
    const decision = toDecision([verdict(10, { remaining: 5 }), tight, verdict(4, { remaining: 1 })]);
    expect(decision).toMatchObject({ allowed: true, reason: "admitted", binding: tight });
    expect(retryAfterSeconds(decision)).toBeUndefined();
  });

  test("denies what one limit denies, bound by the longest wait", () => {
    const slow = denies(2, 5_000);
    const decision = toDecision([denies(1, 1_000), slow, verdict(3, { remaining: 1 })]);
    expect(decision).toMatchObject({ allowed: false, reason: "limited", binding: slow });
    expect(retryAfterSeconds(decision)).toBe(5);
  });

  test("waits, too, for a limit that admitted but has counted the rejection", () => {
    const counted = verdict(3, { remaining: 0, retryAfterMs: 9_000 });
    expect(toDecision([denies(1, 1_000), counted]).binding).toBe(counted);
  });

  test("is too costly when any limit can never admit it, and then no waiting is advised", () => {
    const decision = toDecision([denies(1, 1_000), denies(2, Number.POSITIVE_INFINITY)]);
    expect(decision).toMatchObject({ allowed: false, reason: "too-costly" });
    expect(retryAfterSeconds(decision)).toBeUndefined();
  });

  test("is not bound by shadows, whatever they say", () => {
    const enforced = verdict(10);
    const shadow = denies(1, Number.POSITIVE_INFINITY, true);
    expect(toDecision([shadow, enforced])).toMatchObject({ allowed: true, binding: enforced });
    expect(toDecision([shadow])).toMatchObject({ allowed: true, binding: undefined });
    expect(toDecision([])).toMatchObject({ allowed: true, binding: undefined, verdicts: [] });
  });

  test("advises whole seconds, rounded up and never 0", () => {
    const advised = [1, 999, 1_000, 1_001, 59_999].map((ms) => retryAfterSeconds(toDecision([denies(1, ms)])));
    expect(advised).toEqual([1, 1, 1, 2, 60]);
  });
});

import { defineLimit, type LimitSpec } from "../../limit.ts";
import type { Charge, Claim, Verdict } from "../../store.ts";

/** When every test of the suite begins: in no store's past, and on no window's edge. */
export const START = 1_900_000_012_345;
export const MINUTE = 60_000;

let claims = 0;

/** A claim that shares its limit and its partition with no other: ten a minute unless `spec` says otherwise. */
export function claimOn(spec: Partial<LimitSpec> = {}, cost = 1): Claim {
  claims += 1;
  const limit = defineLimit({ name: `limit ${claims}`, quota: 10, windowMs: MINUTE, ...spec });
  return { limit, partition: `caller ${claims}`, cost };
}

/** The same claim with some of its limit changed, as after a reload of the policy. */
export function withLimit(claim: Claim, spec: Partial<LimitSpec>): Claim {
  const { name, algorithm, quota, windowMs } = claim.limit;
  const window = algorithm === "concurrency" ? { holdMs: windowMs } : { windowMs };
  return { ...claim, limit: defineLimit({ name, algorithm, quota, ...window, ...spec }) };
}

/** What to hand to `refund` for a claim that was charged. */
export function chargeOf(claim: Claim, verdicts: readonly Verdict[]): Charge {
  const [verdict] = verdicts;
  if (!verdict) throw new Error("a store gives one verdict a claim");
  return { claim, ticket: verdict.ticket };
}

export function admitted(verdicts: readonly Verdict[]): boolean[] {
  return verdicts.map((verdict) => verdict.admitted);
}

export function used(verdicts: readonly Verdict[]): number[] {
  return verdicts.map((verdict) => verdict.used);
}

export function remaining(verdicts: readonly Verdict[]): number[] {
  return verdicts.map((verdict) => verdict.remaining);
}

export function retryAfterMs(verdicts: readonly Verdict[]): number[] {
  return verdicts.map((verdict) => verdict.retryAfterMs);
}

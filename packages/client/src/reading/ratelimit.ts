import { parseRateLimit } from "@headgate/core";
import { knownLimit } from "./known-limit.ts";
import type { KnownLimit } from "./reading.ts";
import { windowIn } from "./window.ts";

/** `RateLimit` as draft 7 had it: one limit, as parameters. */
const DRAFT_7 = /(?:^|[,;\s])(limit|remaining|reset)\s*=\s*(-?\d{1,15})(?=\s*(?:[,;]|$))/g;

/** Reads the fields `RateLimit` and `RateLimit-Policy` of the IETF drafts from 7 on. Undefined where there are none. */
export function readRateLimit(headers: Headers, now: number): KnownLimit[] | undefined {
  const state = headers.get("ratelimit");
  if (state === null) return undefined;
  const policy = headers.get("ratelimit-policy") ?? "";
  const limits = parseRateLimit({ state, policy });
  if (limits.length === 0) return readDraft7(state, policy, now);
  return limits.map(({ name, remaining, quota, windowSeconds, resetSeconds }) =>
    knownLimit({ name, remaining, quota, windowMs: inMs(windowSeconds), resetMs: inMs(resetSeconds) }, now),
  );
}

function readDraft7(state: string, policy: string, now: number): KnownLimit[] | undefined {
  const told = new Map(Array.from(state.matchAll(DRAFT_7), ([, name, value]) => [name, Number(value)]));
  const remaining = told.get("remaining");
  if (remaining === undefined) return undefined;
  const quota = told.get("limit");
  // The policy has bare quotas, each with its window.
  const windowMs = windowIn(policy.split(",").find((item) => Number.parseInt(item, 10) === quota));
  return [knownLimit({ remaining, quota, windowMs, resetMs: inMs(told.get("reset")) }, now)];
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

import { parseRateLimit } from "@headgate/core";
import { knownLimit } from "./known-limit.ts";
import type { KnownLimit } from "./reading.ts";
import { windowIn } from "./window.ts";

/** `RateLimit` as draft 7 had it, one limit as parameters: what stands before their numbers. */
const LIMIT = /(?:^|[,;\s])limit\s*=\s*(?=-?\d{1,15}\s*(?:[,;]|$))/g;
const REMAINING = /(?:^|[,;\s])remaining\s*=\s*(?=-?\d{1,15}\s*(?:[,;]|$))/g;
const RESET = /(?:^|[,;\s])reset\s*=\s*(?=-?\d{1,15}\s*(?:[,;]|$))/g;

/** Reads the fields `RateLimit` and `RateLimit-Policy` of the IETF drafts from 7 on. Undefined where there are none. */
export function readRateLimit(headers: Headers, now: number): KnownLimit[] | undefined {
  const state = headers.get("ratelimit");
  if (state === null) return undefined;
  const policy = headers.get("ratelimit-policy") ?? "";
  let limits: KnownLimit[] | undefined;
  for (const { name, remaining, quota, windowSeconds, resetSeconds } of parseRateLimit({ state, policy })) {
    const said = { name, remaining, quota, windowMs: inMs(windowSeconds), resetMs: inMs(resetSeconds) };
    // One limit is what most answers tell of: no room is made for more, nor a closure for `map`.
    if (limits) limits.push(knownLimit(said, now));
    else limits = [knownLimit(said, now)];
  }
  return limits ?? readDraft7(state, policy, now);
}

function readDraft7(state: string, policy: string, now: number): KnownLimit[] | undefined {
  const remaining = numberAfter(REMAINING, state);
  if (remaining === undefined) return undefined;
  const quota = numberAfter(LIMIT, state);
  const windowMs = windowOf(quota, policy);
  return [knownLimit({ remaining, quota, windowMs, resetMs: inMs(numberAfter(RESET, state)) }, now)];
}

/** The policy has bare quotas, each with its window. */
function windowOf(quota: number | undefined, policy: string): number | undefined {
  for (const item of policy.split(",")) if (Number.parseInt(item, 10) === quota) return windowIn(item);
  return undefined;
}

/** Of a parameter that is told several times the last one counts. */
function numberAfter(pattern: RegExp, text: string): number | undefined {
  let number: number | undefined;
  while (pattern.test(text)) number = Number.parseInt(text.slice(pattern.lastIndex), 10);
  return number;
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

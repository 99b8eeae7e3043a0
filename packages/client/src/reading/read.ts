import type { Dialect } from "./dialect.ts";
import { readRateLimit } from "./ratelimit.ts";
import type { KnownLimit, Reading } from "./reading.ts";
import { readRetryAfter } from "./retry-after.ts";
import { serverNow } from "./skew.ts";
import { untilReset } from "./until-reset.ts";
import { readXRateLimit } from "./x-ratelimit.ts";

const NOTHING: Reading = { limits: [] };
const GUESSED: Dialect = {};

/**
 * Reads what a response says of limits. Never throws: what is malformed is not there. In this order:
 *
 * 1. **How long to wait** is said only to those who were refused (429, 503): by `Retry-After` and its cousins.
 * 2. Where they say nothing, a caller refused with 429 waits until the limits that are used up are whole again.
 *    Where they do, that holds even if the reset is later: an API may free some of a quota before all of it, and
 *    what it tells this caller outright counts more than what can be concluded. The reset is not lost: the gate paces by it.
 * 3. **What is known of limits** comes from `RateLimit`, for it tells of each limit and its window; else from the
 *    `X-RateLimit` trio, or what an API calls it.
 *
 * Instants are corrected by how far the API's clock, its `Date`, is from `now`.
 */
export function read(headers: Headers, status: number, now: number, dialect: Dialect = GUESSED): Reading {
  const isRefused = status === 429;
  const said = readRateLimit(headers, now) ?? readXRateLimit(headers, now, dialect, isRefused);
  const limits = said?.sort(byShareLeft) ?? NOTHING.limits;
  if (!isRefused && status !== 503) return said ? { limits } : NOTHING;
  const usedUp = limits.filter(({ remaining }) => isRefused && remaining <= 0);
  const retryAfterMs = readRetryAfter(headers, () => serverNow(headers, now)) ?? untilReset(usedUp, now);
  return retryAfterMs === undefined ? { limits } : { retryAfterMs, limits };
}

function byShareLeft(a: KnownLimit, b: KnownLimit): number {
  return shareLeft(a) - shareLeft(b);
}

function shareLeft({ remaining, quota }: KnownLimit): number {
  return quota ? remaining / quota : remaining;
}

import type { Dialect } from "./dialect.ts";
import { readRateLimit } from "./ratelimit.ts";
import type { KnownLimit, Reading } from "./reading.ts";
import { readRetryAfter } from "./retry-after.ts";
import { type Sending, Skew } from "./skew.ts";
import { untilReset } from "./until-reset.ts";
import { readXRateLimit } from "./x-ratelimit.ts";

/** More than these are left to `sort`: by hand they would take time with their square. */
const FEW_LIMITS = 8;
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
 * Instants are read by the API's clock, as far as its `Date` tells: see {@link Skew}.
 */
export function read(
  headers: Headers,
  status: number,
  now: number,
  dialect: Dialect = GUESSED,
  sending: Sending = { sentAt: now, skew: new Skew() },
): Reading {
  const isRefused = status === 429;
  const said = readRateLimit(headers, now) ?? readXRateLimit(headers, now, dialect, isRefused, sending);
  const limits = said ? inOrder(said) : NOTHING.limits;
  if (!isRefused && status !== 503) return said ? { limits } : NOTHING;
  const usedUp = limits.filter(({ remaining }) => isRefused && remaining <= 0);
  const retryAfterMs = waitTold(headers, now, sending) ?? untilReset(usedUp, now);
  return retryAfterMs === undefined ? { limits } : { retryAfterMs, limits };
}

/** Puts those first that bind first. Few are sorted by hand, for `sort` allocates 850 bytes even for two. */
function inOrder(limits: KnownLimit[]): KnownLimit[] {
  if (limits.length > FEW_LIMITS) return limits.sort(byShareLeft);
  for (let end = 1; end < limits.length; end++) {
    const limit = limits[end] as KnownLimit;
    let at = end;
    for (; at > 0 && byShareLeft(limits[at - 1] as KnownLimit, limit) > 0; at--)
      limits[at] = limits[at - 1] as KnownLimit;
    limits[at] = limit;
  }
  return limits;
}

function waitTold(headers: Headers, now: number, sending: Sending): number | undefined {
  return readRetryAfter(headers, () => sending.skew.serverNow(headers, sending, now, true));
}

function byShareLeft(a: KnownLimit, b: KnownLimit): number {
  return shareLeft(a) - shareLeft(b);
}

function shareLeft({ remaining, quota }: KnownLimit): number {
  return quota ? remaining / quota : remaining;
}

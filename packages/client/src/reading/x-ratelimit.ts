import { parseReset } from "@headgate/core";
import type { Dialect } from "./dialect.ts";
import { instantIn, msUntil, until, waitIn } from "./instant.ts";
import { knownLimit } from "./known-limit.ts";
import type { KnownLimit } from "./reading.ts";
import type { Sending } from "./skew.ts";
import { windowIn } from "./window.ts";

/** The names in use: two that nobody standardised, and those of the IETF drafts up to 6. */
const TRIOS = [
  ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
  ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"],
  ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
] as const;

/** The number of a list's item: `100` of `100;w=60`. */
const NUMBER = /^\s*-?\d{1,15}(?:\.\d+)?\s*(?:;|$)/;

/**
 * Reads limit, remaining and reset, by whichever names they have. Of values that were sent several times the one counts
 * that leaves least, and latest. With `isRefused` a reset alone will do: nothing remains then. Undefined where
 * nothing is said.
 */
export function readXRateLimit(
  headers: Headers,
  now: number,
  dialect: Dialect,
  isRefused: boolean,
  sending: Sending,
): KnownLimit[] | undefined {
  for (const [limit, remaining, reset] of namesOf(dialect)) {
    const left = each(headers.get(remaining), numberOf, Math.min);
    if (left === undefined && !isRefused) continue;
    const resetMs = readReset(headers, reset, now, dialect, isRefused, sending);
    if (left === undefined && resetMs === undefined) continue;
    const limitText = headers.get(limit);
    const windowMs = windowIn(limitText) ?? dialect.windowMs;
    const quota = each(limitText, numberOf, (first) => first);
    return [knownLimit({ remaining: left ?? 0, quota, windowMs, resetMs }, now)];
  }
  return undefined;
}

function namesOf({ limit, remaining, resetHeader }: Dialect): readonly (readonly [string, string, string])[] {
  if (!limit && !remaining && !resetHeader) return TRIOS;
  const [[usualLimit, usualRemaining, usualReset]] = TRIOS;
  return [[limit ?? usualLimit, remaining ?? usualRemaining, resetHeader ?? usualReset]];
}

/** Ms from `now`. */
function readReset(
  headers: Headers,
  name: string,
  now: number,
  { reset = "guess" }: Dialect,
  isRefused: boolean,
  sending: Sending,
): number | undefined {
  const text = headers.get(name);
  if (text === null || reset === "none") return undefined;
  const waitMs = reset === "guess" ? waitIn(text) : undefined;
  if (waitMs !== undefined) return waitMs;
  const serverNow = sending.skew.serverNow(headers, sending, now, isRefused);
  const told = reset === "guess" ? until(instantIn(text), serverNow) : parseReset(text, reset, serverNow);
  // A date has a comma of its own.
  return told ?? latestOf(text, reset, serverNow);
}

type ToldFormat = Exclude<Dialect["reset"], "none" | undefined>;

function latestOf(text: string, format: ToldFormat, serverNow: number): number | undefined {
  const read = (item: string) =>
    format === "guess" ? msUntil(item, () => serverNow) : parseReset(item, format, serverNow);
  return text.includes(",") ? each(text, read, Math.max) : undefined;
}

function numberOf(text: string): number | undefined {
  return NUMBER.test(text) ? Number.parseInt(text, 10) : undefined;
}

/** What the items of a list say, put together; most lists have one. Undefined where none says anything. */
function each(
  text: string | null,
  read: (item: string) => number | undefined,
  join: (one: number, other: number) => number,
): number | undefined {
  if (text === null) return undefined;
  if (!text.includes(",")) return read(text);
  let joined: number | undefined;
  for (const item of text.split(",")) {
    const value = read(item);
    if (value !== undefined) joined = joined === undefined ? value : join(joined, value);
  }
  return joined;
}

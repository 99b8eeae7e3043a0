import { parseReset, parseRetryAfter } from "@headgate/core";

/** From here on a number is an instant, not a wait: as seconds that would be 31 years, as an epoch it is 2001. */
const FIRST_EPOCH_SECOND = 1e9;
/** From here on a number counts ms: as seconds that would be the year 5138, as ms it is 1973. */
const FIRST_EPOCH_MS = 1e11;

const NUMBER = /^\s*-?\d{1,15}(?:\.\d{1,9})?\s*$/;
const ISO_8601 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?$/;

/**
 * Ms from now to what a header says, in whatever format: seconds from now, an epoch in seconds or ms, ISO 8601, or an
 * HTTP date. Never below 0; undefined if it is none of them. `nowOf` tells the time by the clock of whoever wrote it.
 *
 * The formats lie so far apart that a wait below 31 years is never taken for an instant, nor an instant after 2001 for a
 * wait. An ISO instant without a zone is in UTC.
 */
export function msUntil(text: string, nowOf: () => number): number | undefined {
  return waitIn(text) ?? until(instantIn(text), nowOf());
}

/** The part of {@link msUntil} that needs no clock: ms, where seconds from now are told. */
export function waitIn(text: string): number | undefined {
  const seconds = numberIn(text);
  return seconds < FIRST_EPOCH_SECOND ? Math.max(0, Math.ceil(seconds * 1000)) : undefined;
}

/** The rest of it: epoch ms, where an instant is told. */
export function instantIn(text: string): number | undefined {
  const number = numberIn(text);
  if (number >= FIRST_EPOCH_SECOND) return Math.ceil(number < FIRST_EPOCH_MS ? number * 1000 : number);
  const value = text.trim();
  const iso = ISO_8601.exec(value);
  if (!iso) return parseRetryAfter(value, 0);
  const [, date, time, zone = "Z"] = iso;
  return parseReset(`${date}T${time}${zone === "UTC" ? "Z" : zone}`, "iso-8601", 0);
}

/** Ms from `now` to an instant, if there is one; 0 where it is over. */
export function until(instant: number | undefined, now: number): number | undefined {
  return instant === undefined ? undefined : Math.max(0, instant - now);
}

function numberIn(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

import { parseReset, parseRetryAfter } from "@headgate/core";

/** From here on a number is an instant, not a wait: as seconds that would be 31 years, as an epoch it is 2001. */
const FIRST_EPOCH_SECOND = 1e9;
/** From here on a number counts ms: as seconds that would be the year 5138, as ms it is 1973. */
const FIRST_EPOCH_MS = 1e11;

const NUMBER = /^-?\d{1,15}(?:\.\d{1,9})?$/;
const ISO_8601 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?$/;

/**
 * Ms from now to what a header says, in whatever format: seconds from now, an epoch in seconds or ms, ISO 8601, or an
 * HTTP date. Never below 0; undefined if it is none of them. `nowOf` tells the time by the clock of whoever wrote it.
 *
 * The formats lie so far apart that a wait below 31 years is never taken for an instant, nor an instant after 2001 for a
 * wait. An ISO instant without a zone is in UTC.
 */
export function msUntil(text: string, nowOf: () => number): number | undefined {
  const value = text.trim();
  if (NUMBER.test(value)) {
    const number = Number(value);
    if (number < FIRST_EPOCH_SECOND) return Math.max(0, Math.ceil(number * 1000));
    return Math.max(0, Math.ceil(number < FIRST_EPOCH_MS ? number * 1000 : number) - nowOf());
  }
  const iso = ISO_8601.exec(value);
  if (!iso) return parseRetryAfter(value, nowOf());
  const [, date, time, zone = "Z"] = iso;
  return parseReset(`${date}T${time}${zone === "UTC" ? "Z" : zone}`, "iso-8601", nowOf());
}

/** How far ahead of our clock another's may be. */
const MOST_AHEAD_MS = 5 * 60_000;

/** Why a time cannot be taken, in words that go after the field's name. */
export interface TimeFault {
  readonly fault: string;
}

/**
 * Reads when something happened, as whole epoch ms: ISO 8601 with its offset from UTC, or Unix epoch seconds as a number or
 * as text, fractions allowed; what is below a ms is cut off. From 1970 on, and not in the future.
 */
export function readTime(value: unknown, now: number): number | TimeFault {
  const epochMs = typeof value === "number" ? msOf(value) : typeof value === "string" ? readText(value) : undefined;
  if (epochMs === undefined) return { fault: "is neither ISO 8601 nor Unix epoch seconds" };
  if (typeof epochMs === "object") return epochMs;
  if (epochMs < 0) return { fault: "is before 1970" };
  const latest = now + MOST_AHEAD_MS;
  if (epochMs <= latest) return epochMs;
  const epoch = Number(value);
  const isMs = epoch >= LEAST_LIKE_MS && epoch <= latest;
  return { fault: isMs ? "is in the future: epoch times are in seconds, not in ms" : "is in the future" };
}

/** As seconds it is in the year 5138, as ms in 1973. */
const LEAST_LIKE_MS = 1e11;

/** To the µs first: the ms of 1.001 s are 1001, though a double is a little less than that. */
function msOf(epochSeconds: number): number {
  return Math.floor(Math.round(epochSeconds * 1e6) / 1e3);
}

function readText(text: string): number | TimeFault | undefined {
  if (EPOCH.test(text)) return msOf(Number(text));
  const parts = ISO.exec(text)?.groups;
  if (!parts) return undefined;
  const { year, month, day, hour, minute, second = "0", fraction = "", offset } = parts;
  if (offset === undefined) return { fault: "does not say its offset from UTC, such as Z or +02:00" };
  const local = new Date(0);
  local.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  local.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.slice(0, 3).padEnd(3, "0")));
  // Where a month has no such day, and a day no such hour, Date goes on into the next one.
  const isReal =
    local.getUTCMonth() === Number(month) - 1 &&
    local.getUTCDate() === Number(day) &&
    local.getUTCHours() === Number(hour) &&
    local.getUTCMinutes() === Number(minute);
  const { sign, hours = "0", minutes = "0" } = parts;
  if (isReal && local.getUTCSeconds() === Number(second) && Number(hours) < 24 && Number(minutes) < 60) {
    return local.getTime() - (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  }
  return { fault: second === "60" ? "has a second 60, which epoch time lacks" : "is no moment that there is" };
}

const EPOCH = /^[+-]?\d{1,16}(?:\.\d{1,20})?$/;
const DATE = String.raw`(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)`;
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,20}))?)?`;
const OFFSET = String.raw`(?<offset>[Zz]|(?<sign>[+-])(?<hours>\d\d)(?::?(?<minutes>\d\d))?)`;
const ISO = new RegExp(`^${DATE}[Tt]${TIME}${OFFSET}?$`);

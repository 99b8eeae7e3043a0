/** A window that follows the calendar of a time zone (an IANA name such as `Europe/Berlin`). */
export interface Calendar {
  readonly unit: "day" | "month";
  readonly timezone: string;
}

/** One day or month, from its first instant up to, not including, `end`; epoch ms. */
export interface CalendarWindow {
  readonly start: number;
  readonly end: number;
}

const DAY_MS = 86_400_000;
const LONGEST_MS = { day: 1.5 * DAY_MS, month: 32 * DAY_MS };

const formats = new Map<string, Intl.DateTimeFormat>();
/** The two found last, by unit and zone: while one begins, callers are there that were counted in the one before it. */
const latest = new Map<string, readonly CalendarWindow[]>();

/** Whether the runtime knows this IANA name. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The day or month that `instant` lies in. Days of 23 and 25 hours, and days that start at 01:00, come out right. */
export function calendarWindow({ unit, timezone }: Calendar, instant: number): CalendarWindow {
  const key = `${unit} ${timezone}`;
  const known = latest.get(key) ?? [];
  for (const window of known) if (instant >= window.start && instant < window.end) return window;

  const longest = LONGEST_MS[unit];
  const label = labelAt(unit, timezone, instant);
  const window = {
    start: bisect(instant - longest, instant, (at) => labelAt(unit, timezone, at) === label),
    end: bisect(instant, instant + longest, (at) => labelAt(unit, timezone, at) !== label),
  };
  latest.set(key, [window, ...known.slice(0, 1)]);
  return window;
}

/** The first instant in `(from, to]` at which `holds` is true, given that it turns true once and is true at `to`. */
function bisect(from: number, to: number, holds: (instant: number) => boolean): number {
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function labelAt(unit: Calendar["unit"], timezone: string, instant: number): string {
  const key = `${unit} ${timezone}`;
  let format = formats.get(key);
  if (!format) {
    const month = { year: "numeric", month: "2-digit" } as const;
    format = new Intl.DateTimeFormat("en-CA", {
      calendar: "gregory",
      timeZone: timezone,
      ...(unit === "month" ? month : { ...month, day: "2-digit" }),
    });
    formats.set(key, format);
  }
  return format.format(instant);
}

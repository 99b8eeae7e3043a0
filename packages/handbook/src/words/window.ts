import type { Limit } from "@headgate/core";
import { number } from "./quantity.ts";

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
  ["millisecond", 1],
] as const;

/** `5 minutes`, `24 hours`, `1 second`: in the largest unit that leaves nothing over; one day is 24 hours. */
export function duration(ms: number): string {
  const [unit, factor] =
    UNITS.find(([, factor]) => ms % factor === 0 && (ms !== factor || factor < 86_400_000)) ?? UNITS[4];
  const count = ms / factor;
  return `${number(count)} ${unit}${count === 1 ? "" : "s"}`;
}

/** What a quota is for: `minute`, `5 minutes`, `calendar month (UTC)`; undefined for concurrency, which has no window. */
export function windowOf({ algorithm, calendar, windowMs }: Limit): string | undefined {
  if (algorithm === "concurrency") return undefined;
  if (calendar) return `calendar ${calendar.unit} (${calendar.timezone})`;
  return duration(windowMs).replace(/^1 /, "");
}

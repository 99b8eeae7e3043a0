import type { Verdict } from "../store.ts";
import type { AdvertisedLimit, HeaderPair } from "./advertisement.ts";

/** How `X-RateLimit-Reset` says when; nobody ever agreed on one. ISO 8601 is in UTC with six digits of a second. */
export type ResetFormat = "none" | "epoch-seconds" | "epoch-ms" | "iso-8601" | "delta-seconds";

/**
 * `X-RateLimit-Limit`, `-Remaining` and, unless the format is `none`, `-Reset`: the binding limit alone, as it was
 * `ageMs` before `now`.
 */
export function renderXRateLimit(verdict: Verdict, reset: ResetFormat, now: number, ageMs: number = 0): HeaderPair[] {
  const pairs: HeaderPair[] = [
    ["X-RateLimit-Limit", String(verdict.limit.quota)],
    ["X-RateLimit-Remaining", String(verdict.remaining)],
  ];
  if (reset !== "none")
    pairs.push(["X-RateLimit-Reset", renderReset(now + Math.max(0, verdict.resetMs - ageMs), reset, now)]);
  return pairs;
}

/** An instant in one of the formats. Whole seconds are rounded up: never before the reset. */
export function renderReset(instant: number, format: Exclude<ResetFormat, "none">, now: number): string {
  switch (format) {
    case "epoch-seconds":
      return String(Math.ceil(instant / 1000));
    case "epoch-ms":
      return String(instant);
    case "delta-seconds":
      return String(Math.ceil((instant - now) / 1000));
    case "iso-8601":
      return new Date(Math.min(instant, LATEST_INSTANT)).toISOString().replace("Z", "000Z");
  }
}

/** The last instant that a Date can hold. */
const LATEST_INSTANT = 8.64e15;

/** Reads the three headers, or undefined where they are missing or malformed. */
export function parseXRateLimit(
  headers: {
    readonly limit?: string | undefined;
    readonly remaining?: string | undefined;
    readonly reset?: string | undefined;
  },
  format: ResetFormat,
  now: number,
): AdvertisedLimit | undefined {
  const quota = integer(headers.limit);
  const remaining = integer(headers.remaining);
  if (quota === undefined || remaining === undefined) return undefined;
  const resetMs = format === "none" || headers.reset === undefined ? undefined : parseReset(headers.reset, format, now);
  return { quota, remaining, ...(resetMs === undefined ? {} : { resetSeconds: Math.ceil(resetMs / 1000) }) };
}

/** Ms from `now` to the instant said, never below 0; undefined if malformed. */
export function parseReset(value: string, format: Exclude<ResetFormat, "none">, now: number): number | undefined {
  if (format === "iso-8601") {
    const instant = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(instant) ? undefined : Math.max(0, instant - now);
  }
  const number = integer(value);
  if (number === undefined) return undefined;
  if (format === "delta-seconds") return Math.max(0, number * 1000);
  return Math.max(0, (format === "epoch-ms" ? number : number * 1000) - now);
}

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}

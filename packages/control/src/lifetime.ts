import { HeadgateError } from "@headgate/core";

const SHORTEST_LIFETIME_MS = 1_000;
/** A token that is to live longer should be a key. */
const LONGEST_LIFETIME_MS = 400 * 86_400_000;
/** The last moment that ISO 8601 writes with four digits of a year. */
const END_OF_TIME = 253_402_300_799_999;

/** Throws `HG_LIFETIME_INVALID` where a token cannot live that long. */
export function checkLifetime(lifetimeMs: number): void {
  if (isWithin(lifetimeMs, SHORTEST_LIFETIME_MS, LONGEST_LIFETIME_MS)) return;
  throw invalid("A token lives from 1 second to 400 days, in whole milliseconds.");
}

/** Throws `HG_LIFETIME_INVALID` where a secret that was replaced cannot stay good that long. */
export function checkOverlap(overlapMs: number): void {
  if (isWithin(overlapMs, 0, LONGEST_LIFETIME_MS)) return;
  throw invalid("The old secret stays good for at most 400 days, in whole milliseconds; 0 ends it at once.");
}

/** Throws `HG_LIFETIME_INVALID` where something cannot end then: it would be over already. Epoch ms. */
export function checkEnd(endsAt: number | null | undefined, now: number): void {
  if (endsAt === null || endsAt === undefined || isWithin(endsAt, now + 1, END_OF_TIME)) return;
  throw invalid("The end must be in the future, and before the year 10000.");
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isSafeInteger(value) && value >= low && value <= high;
}

function invalid(message: string): HeadgateError {
  return new HeadgateError("HG_LIFETIME_INVALID", message);
}

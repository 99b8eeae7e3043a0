const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long to wait after the first attempt has failed, after the second, and so on. */
const DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** Spread over this share of a delay, receivers that come back are not met by all that waited at once. */
const JITTER = 0.1;
/** A receiver may ask for as much patience as the schedule has, and no more. */
const LONGEST_RETRY_AFTER_MS = 24 * HOUR_MS;

/**
 * When the next attempt comes, after so many have failed: epoch ms, never sooner than the schedule or the receiver's
 * Retry-After says. Undefined after the tenth: there is none. `random` gives numbers from 0 up to, not including, 1.
 */
export function nextAttemptAt(
  failures: number,
  now: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number | undefined {
  const delayMs = DELAYS_MS[failures - 1];
  if (delayMs === undefined) return undefined;
  const floorMs = Math.min(Math.ceil(retryAfterMs ?? 0), LONGEST_RETRY_AFTER_MS);
  return now + Math.max(delayMs + Math.floor(delayMs * JITTER * random()), floorMs);
}

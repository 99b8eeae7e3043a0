const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/**
 * How long to wait before the next attempt at what has failed so many times in a row, in ms: longer each time, to two
 * seconds, and never the same for all who wait. `random` is from 0 to 1.
 */
export function backoffMs(failures: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.round(longest * (0.5 + random / 2));
}

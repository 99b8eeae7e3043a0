/** How long to wait where nobody says: twice as long each time. */
export interface Backoff {
  /** Before the second attempt. Default: 1 second. */
  readonly firstMs?: number;
  /** Default: a minute. */
  readonly capMs?: number;
}

/** The wait after the attempt of that number, counted from 1, and up to a quarter longer, never shorter. */
export function backoffMs(
  attempt: number,
  { firstMs = 1_000, capMs = 60_000 }: Backoff = {},
  random: () => number = Math.random,
): number {
  return Math.floor(Math.min(firstMs * 2 ** (attempt - 1), capMs) * (1 + random() / 4));
}

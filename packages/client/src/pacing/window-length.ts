/** Windows are whole numbers of these, the rounder the likelier: seconds. */
const ROUND_SECONDS = [3600, 900, 300, 60, 30, 10, 5, 2, 1];

/**
 * What is known of how long a limit's window is, where the API tells only its end, in whole seconds. A window that begins
 * with its first request ends in the middle of a second, and the end told is up to a second late: waiting for that each
 * time would cost a tenth of a quota of ten seconds. Each window that begins narrows the length down.
 */
export interface WindowLength {
  /** It is longer than this, ms. */
  readonly least: number;
  /** It is no longer than this, ms. */
  readonly most: number;
}

/** A window began with a call sent at `sentAt` and answered at `now`, and ends at `resetAt` rounded up to a second. */
export function narrowed(known: WindowLength | undefined, resetAt: number, sentAt: number, now: number): WindowLength {
  const least = Math.max(0, resetAt - 1000 - now);
  const most = resetAt - sentAt;
  // What contradicts what was known replaces it: the limit may have changed.
  if (known === undefined || least >= known.most || most <= known.least) return { least, most };
  return { least: Math.max(least, known.least), most: Math.min(most, known.most) };
}

/** The roundest length that it can have, ms; undefined where it has no whole seconds. */
export function roundest({ least, most }: WindowLength): number | undefined {
  for (const seconds of ROUND_SECONDS) {
    const unit = seconds * 1000;
    const length = Math.floor(most / unit) * unit;
    if (length > least) return length;
  }
  return undefined;
}

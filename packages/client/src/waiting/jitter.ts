/** Half a second after a wait that was told the caller is still as good as on time. */
const MOST_JITTER_MS = 500;

/**
 * A wait that an API told, and up to a tenth longer, so that all those who were told the same do not come back at once.
 * Never shorter. Where it ends with a second of the clock, and begins in the midst of one, it was told as an instant, and
 * rounded up to that: then no more than half of what the second it began in has left is added, so that rounding and jitter
 * together stay below a second.
 */
export function jittered(waitMs: number, now: number, random: () => number = Math.random): number {
  const pastSecond = waitMs % 1000;
  const isRoundedUp = pastSecond > 0 && (now + waitMs) % 1000 === 0;
  const room = isRoundedUp ? (1000 - pastSecond) / 2 : MOST_JITTER_MS;
  return waitMs + Math.floor(random() * Math.min(waitMs / 10, MOST_JITTER_MS, room));
}

/** An answer may have been under way for this long, and so its `Date` this far behind, with clocks that agree. */
const USUAL_DELAY_MS = 2_000;

/**
 * The time by the clock of whoever answered, as far as its `Date` tells: `now` where the clocks agree. That header has
 * whole seconds, rounded down, and was written before the answer came, so the truth is the same or later: what is
 * waited for by this clock is never met early.
 */
export function serverNow(headers: Headers, now: number): number {
  const date = headers.get("date");
  if (date === null) return now;
  // A cache may have kept the answer for a while.
  const then = Date.parse(date) + Number(headers.get("age") ?? 0) * 1000;
  return then > now || then < now - USUAL_DELAY_MS ? then : now;
}

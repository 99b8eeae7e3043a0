/** What `performance.now()` lacks to be the same in all threads: in each it begins when that does. */
const BEHIND_MS = hrtimeMs() - performance.now();

/** Whole ms of a clock that is never set, and that is the same in all threads of this process. */
export function monotonicMs(): number {
  return Math.floor(performance.now() + BEHIND_MS);
}

function hrtimeMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

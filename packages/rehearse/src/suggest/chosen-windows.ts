/** What a quota over a window would be. */
export interface WindowQuota {
  /** Which of the candidate windows. */
  readonly window: number;
  readonly windowMs: number;
  readonly quota: number;
}

/** With smaller quotas, one request more or less is too much of a difference: then a longer window is better. */
const LEAST_QUOTA = 10;
/** How much slower a caller must be in the long run for a second window to be worth its place. */
const LEAST_SLOWDOWN = 2;

/**
 * The window for bursts, which is the shortest with a quota worth the name, and one for the long run: the longest that
 * holds callers to half of the burst's rate or less. One of them where the other adds nothing.
 */
export function chooseWindows(candidates: readonly WindowQuota[]): WindowQuota[] {
  const burst = candidates.find(({ quota }) => quota >= LEAST_QUOTA) ?? candidates.at(-1);
  if (burst === undefined) return [];
  const longRun = candidates.findLast(
    (candidate) => candidate.windowMs > burst.windowMs && rateOf(candidate) * LEAST_SLOWDOWN <= rateOf(burst),
  );
  if (longRun === undefined) return [burst];
  return longRun.quota <= burst.quota ? [longRun] : [burst, longRun];
}

function rateOf({ quota, windowMs }: WindowQuota): number {
  return quota / windowMs;
}

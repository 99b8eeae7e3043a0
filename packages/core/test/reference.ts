import type { Limit } from "../src/index.ts";

/** Units that were charged, and when. */
export interface Admission {
  readonly at: number;
  readonly cost: number;
}

/**
 * A limit decided by its definition, from the list of everything it was ever charged: slow, obvious, in exact integers.
 * It keeps no state but the list, and knows nothing of cells, windows that roll over, or tables.
 */
export interface Reference {
  /** Units taken at `now`. */
  used(past: readonly Admission[], now: number): number;
  /** Whether `cost` units more are admitted at `now`. */
  admits(past: readonly Admission[], cost: number, now: number): boolean;
}

/** The definition of a limit's algorithm. */
export function referenceFor(limit: Limit): Reference {
  switch (limit.algorithm) {
    case "fixed-window":
      return limit.align === "clock" ? clockWindow(limit) : firstRequestWindow(limit);
    case "sliding-window":
      return slidingWindow(limit);
    case "token-bucket":
      return tokenBucket(limit);
    case "concurrency":
      return concurrency(limit);
  }
}

/** The first whole ms from now on at which `holds`, up to `longest`; it must keep holding once it does. */
export function firstMs(longest: number, holds: (ms: number) => boolean): number {
  let denied = -1;
  let admitted = longest;
  if (!holds(longest)) return Number.POSITIVE_INFINITY;
  while (admitted - denied > 1) {
    const middle = Math.floor((denied + admitted) / 2);
    if (holds(middle)) admitted = middle;
    else denied = middle;
  }
  return admitted;
}

/** Windows are the multiples of the length since the epoch. */
function clockWindow({ quota, windowMs }: Limit): Reference {
  const used = (past: readonly Admission[], now: number) =>
    units(past.filter(({ at }) => windowOf(at, windowMs) === windowOf(now, windowMs)));
  return { used, admits: (past, cost, now) => used(past, now) + cost <= quota };
}

/** A window opens at the first charge that finds none open. */
function firstRequestWindow({ quota, windowMs }: Limit): Reference {
  const used = (past: readonly Admission[], now: number) => {
    let opened = Number.NEGATIVE_INFINITY;
    for (const { at, cost } of past) if (cost > 0 && at >= opened + windowMs) opened = at;
    return now < opened + windowMs ? units(past.filter(({ at }) => at >= opened)) : 0;
  };
  return { used, admits: (past, cost, now) => used(past, now) + cost <= quota };
}

/** previous * (window - elapsed) + (current + cost) * window <= quota * window */
function slidingWindow({ quota, windowMs }: Limit): Reference {
  const counts = (past: readonly Admission[], now: number) => {
    const latest = windowOf(now, windowMs);
    const current = units(past.filter(({ at }) => windowOf(at, windowMs) === latest));
    const previous = units(past.filter(({ at }) => windowOf(at, windowMs) === latest - 1));
    const elapsed = now - latest * windowMs;
    return BigInt(previous) * BigInt(windowMs - elapsed) + BigInt(current) * BigInt(windowMs);
  };
  const window = BigInt(windowMs);
  return {
    used: (past, now) => Number((counts(past, now) + window - 1n) / window),
    admits: (past, cost, now) => counts(past, now) + BigInt(cost) * window <= BigInt(quota) * window,
  };
}

/** A bucket of `capacity` units that gains quota/window units a ms, replayed from the first charge on. */
function tokenBucket({ quota, windowMs, capacity }: Limit): Reference {
  const full = BigInt(capacity) * BigInt(windowMs);
  const levelAt = (past: readonly Admission[], now: number) => {
    let level = full;
    let last = now;
    for (const { at, cost } of [...past, { at: now, cost: 0 }]) {
      const refilled = level + BigInt(Math.max(0, at - last)) * BigInt(quota);
      level = (refilled < full ? refilled : full) - BigInt(cost) * BigInt(windowMs);
      last = at;
    }
    return level;
  };
  const window = BigInt(windowMs);
  return {
    used: (past, now) => Number((full - levelAt(past, now) + window - 1n) / window),
    admits: (past, cost, now) => levelAt(past, now) >= BigInt(cost) * window,
  };
}

/** Everyone who came less than the hold ago is still there. Whoever leaves is taken off the list. */
function concurrency({ quota, windowMs }: Limit): Reference {
  const used = (past: readonly Admission[], now: number) => past.filter(({ at }) => now < at + windowMs).length;
  return { used, admits: (past, _cost, now) => used(past, now) < quota };
}

function windowOf(instant: number, windowMs: number): number {
  return Math.floor(instant / windowMs);
}

function units(admissions: readonly Admission[]): number {
  return admissions.reduce((sum, { cost }) => sum + cost, 0);
}

import type { Limit, QuotaUnit } from "../limit.ts";

/** What callers are told of one limit. A dialect that cannot carry a field leaves it out. */
export interface AdvertisedLimit {
  readonly name?: string;
  readonly quota?: number;
  /** Whole seconds. Windows below a second, and limits without one, have none. */
  readonly windowSeconds?: number;
  readonly unit?: QuotaUnit;
  readonly remaining: number;
  /** Whole seconds until the quota is whole again, rounded up. */
  readonly resetSeconds?: number;
}

/** A header's name and value. Names are in the case that people are used to read; they compare without case. */
export type HeaderPair = readonly [name: string, value: string];

/** A limit's window in whole seconds, or undefined where the wire has no way to say it. */
export function windowSecondsOf(limit: Limit): number | undefined {
  if (limit.algorithm === "concurrency" || limit.windowMs % 1000 !== 0) return undefined;
  return limit.windowMs / 1000;
}

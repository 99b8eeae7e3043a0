import type { Limit, QuotaUnit } from "../limit.ts";

/** What callers are told of one limit. What a dialect cannot carry, or an answer does not say, is undefined. */
export interface AdvertisedLimit {
  readonly name?: string | undefined;
  readonly quota?: number | undefined;
  /** Whole seconds. Windows below a second, and limits without one, have none. */
  readonly windowSeconds?: number | undefined;
  readonly unit?: QuotaUnit | undefined;
  readonly remaining: number;
  /** Whole seconds until the quota is whole again, rounded up. */
  readonly resetSeconds?: number | undefined;
}

/** A header's name and value. Names are in the case that people are used to read; they compare without case. */
export type HeaderPair = readonly [name: string, value: string];

/** A limit's window in whole seconds, or undefined where the wire has no way to say it. */
export function windowSecondsOf(limit: Limit): number | undefined {
  if (limit.algorithm === "concurrency" || limit.windowMs % 1000 !== 0) return undefined;
  return limit.windowMs / 1000;
}

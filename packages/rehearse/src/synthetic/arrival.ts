import type { Random } from "./random.ts";
import type { TrafficSpec } from "./traffic-spec.ts";

/** When somebody sends a request. */
export interface Arrival {
  /** Ms since the traffic began; fractions count, so that many fit between two ms. */
  readonly atMs: number;
  /** From 0. */
  readonly caller: number;
  /** What the service answers. */
  readonly status: number;
}

/** How requests are spread over time and callers: arrivals in order of time, until the traffic ends. */
export type Shape = (spec: TrafficSpec, random: Random) => Iterable<Arrival>;

/** How far apart requests are on average. */
export function meanGapMs({ ratePerSecond }: TrafficSpec): number {
  return 1000 / ratePerSecond;
}

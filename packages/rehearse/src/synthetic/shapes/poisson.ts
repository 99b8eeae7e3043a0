import { type Arrival, meanGapMs } from "../arrival.ts";
import type { Random } from "../random.ts";
import type { TrafficSpec } from "../traffic-spec.ts";

/** Requests that know nothing of each other, as those of many independent callers. */
export function* poisson(spec: TrafficSpec, random: Random): Generator<Arrival> {
  const gapMs = meanGapMs(spec);
  for (let atMs = random.exponential(gapMs); atMs < spec.durationMs; atMs += random.exponential(gapMs)) {
    yield { atMs, caller: random.below(spec.callers), status: 200 };
  }
}

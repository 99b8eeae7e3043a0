import { type Arrival, meanGapMs } from "../arrival.ts";
import type { TrafficSpec } from "../traffic-spec.ts";

/** Requests at equal distances, each caller in its turn. */
export function* steady(spec: TrafficSpec): Generator<Arrival> {
  const gapMs = meanGapMs(spec);
  for (let sent = 0; sent * gapMs < spec.durationMs; sent++) {
    yield { atMs: sent * gapMs, caller: sent % spec.callers, status: 200 };
  }
}

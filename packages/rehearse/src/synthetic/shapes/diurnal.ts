import type { Arrival } from "../arrival.ts";
import type { Random } from "../random.ts";
import type { TrafficSpec } from "../traffic-spec.ts";
import { poisson } from "./poisson.ts";

const DAY_MS = 86_400_000;
/** UTC. Twelve hours before it, least is asked. */
const BUSIEST_MS = 15 * 3_600_000;
/** How far the rate swings from its mean, as a part of it: from a fifth to nine fifths. */
const SWING = 0.8;

/** Independent requests, many by day and few by night. The mean is that of whole days. */
export function* diurnal(spec: TrafficSpec, random: Random): Generator<Arrival> {
  const most = 1 + SWING;
  // Thinning (Lewis and Shedler, 1979): independent requests at the highest rate, of which some are left out.
  for (const arrival of poisson({ ...spec, ratePerSecond: spec.ratePerSecond * most }, random)) {
    if (random.fraction() * most < rateAt(spec.startsAt + arrival.atMs)) yield arrival;
  }
}

/** As a part of the mean. */
function rateAt(time: number): number {
  return 1 + SWING * Math.cos((2 * Math.PI * (time - BUSIEST_MS)) / DAY_MS);
}

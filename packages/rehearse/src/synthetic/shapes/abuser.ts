import type { Arrival } from "../arrival.ts";
import type { Random } from "../random.ts";
import type { TrafficSpec } from "../traffic-spec.ts";
import { poisson } from "./poisson.ts";

/** How many times what another sends. */
const EXCESS = 100;

/** Independent requests, and caller 0 sends a hundred times what each of the others does. */
export function* abuser(spec: TrafficSpec, random: Random): Generator<Arrival> {
  const others = spec.callers - 1;
  const abuserShare = EXCESS / (EXCESS + others);
  for (const arrival of poisson(spec, random)) {
    const isAbuser = others === 0 || random.fraction() < abuserShare;
    yield { ...arrival, caller: isAbuser ? 0 : 1 + random.below(others) };
  }
}

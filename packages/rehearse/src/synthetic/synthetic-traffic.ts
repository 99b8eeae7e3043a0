import type { LoggedRequest } from "../logged-request.ts";
import type { Arrival, Shape } from "./arrival.ts";
import { Random } from "./random.ts";
import { abuser } from "./shapes/abuser.ts";
import { bursty } from "./shapes/bursty.ts";
import { diurnal } from "./shapes/diurnal.ts";
import { poisson } from "./shapes/poisson.ts";
import { retryStorm } from "./shapes/retry-storm.ts";
import { steady } from "./shapes/steady.ts";
import type { SyntheticRoute, TrafficShape, TrafficSpec } from "./traffic-spec.ts";

const SHAPES: Readonly<Record<TrafficShape, Shape>> = {
  steady,
  poisson,
  bursty,
  diurnal,
  "retry-storm": retryStorm,
  abuser,
};

/** Values that `{id}` stands for. */
const IDS = 1000;

/** Makes traffic as a log would have it: in order of time, one request after the other, as they are asked for. */
export function* syntheticTraffic(spec: TrafficSpec): Generator<LoggedRequest> {
  const random = new Random(spec.seed);
  // What is asked for has random numbers of its own: so more routes do not change when requests come.
  const choices = new Random(spec.seed + 1);
  for (const arrival of SHAPES[spec.shape](spec, random)) yield toRequest(arrival, spec, choices);
}

function toRequest({ atMs, caller, status }: Arrival, spec: TrafficSpec, choices: Random): LoggedRequest {
  const { method, target } = spec.routes[choices.below(spec.routes.length)] as SyntheticRoute;
  return {
    time: spec.startsAt + Math.floor(atMs),
    method,
    target: target.replaceAll("{id}", () => String(choices.below(IDS))),
    ip: addressOf(caller),
    headers: headersOf(caller, spec),
    status,
  };
}

/** An address for each caller, of the network 10.0.0.0/8: it has as many as there can be callers. */
function addressOf(caller: number): string {
  return `10.${caller >>> 16}.${(caller >>> 8) & 255}.${caller & 255}`;
}

function headersOf(caller: number, { headers }: TrafficSpec): Record<string, string> {
  const named = Object.entries(headers).map(([name, value]) => [name, value.replaceAll("{caller}", String(caller))]);
  return Object.fromEntries(named);
}

import type { Arrival } from "../arrival.ts";
import type { Random } from "../random.ts";
import type { TrafficSpec } from "../traffic-spec.ts";
import { poisson } from "./poisson.ts";

/** The service fails for a tenth of the time, before the middle; as parts of the whole. */
const FAILS_FROM = 0.4;
const FAILS_UNTIL = 0.5;
/** How long clients wait before they try again: not long, and all the same. */
const RETRY_MS = 1000;

/**
 * Independent requests, and an outage: whoever is answered 503 tries again each full second, all at the same instant,
 * until the first answer after it.
 */
export function* retryStorm(spec: TrafficSpec, random: Random): Generator<Arrival> {
  const outage = { from: spec.durationMs * FAILS_FROM, until: spec.durationMs * FAILS_UNTIL };
  const statusAt = (atMs: number): number => (atMs >= outage.from && atMs < outage.until ? 503 : 200);
  const waiting = new Set<number>();
  let retryMs = RETRY_MS;
  for (const { atMs, caller } of poisson(spec, random)) {
    for (; retryMs <= atMs; retryMs += RETRY_MS) {
      yield* retries(waiting, retryMs, statusAt(retryMs));
    }
    const status = statusAt(atMs);
    if (status === 503) waiting.add(caller);
    yield { atMs, caller, status };
  }
}

/** All who wait try again, and those who are served wait no more. */
function* retries(waiting: Set<number>, atMs: number, status: number): Generator<Arrival> {
  for (const caller of waiting) yield { atMs, caller, status };
  if (status !== 503) waiting.clear();
}

import { type Arrival, meanGapMs } from "../arrival.ts";
import type { Random } from "../random.ts";
import type { TrafficSpec } from "../traffic-spec.ts";

/** Requests of a burst, on average. */
const MEAN_LENGTH = 20;
/** Between two requests of a burst, on average. */
const MEAN_STEP_MS = 50;

/** A caller that has begun, and has not sent all it will. */
interface Burst {
  readonly caller: number;
  readonly nextMs: number;
  readonly left: number;
}

/** Callers that send some twenty requests within a second, and are silent then, as scripts and pages do. */
export function* bursty(spec: TrafficSpec, random: Random): Generator<Arrival> {
  const betweenMs = meanGapMs(spec) * MEAN_LENGTH;
  const underWay = new Agenda();
  for (let beginsMs = random.exponential(betweenMs); ; beginsMs += random.exponential(betweenMs)) {
    const endMs = Math.min(beginsMs, spec.durationMs);
    for (let burst = underWay.takeBefore(endMs); burst; burst = underWay.takeBefore(endMs)) {
      const { caller, nextMs, left } = burst;
      yield { atMs: nextMs, caller, status: 200 };
      if (left > 1) underWay.add({ caller, nextMs: nextMs + random.exponential(MEAN_STEP_MS), left: left - 1 });
    }
    if (beginsMs >= spec.durationMs) return;
    underWay.add({ caller: random.below(spec.callers), nextMs: beginsMs, left: lengthOf(random) });
  }
}

/** Bursts under way. */
class Agenda {
  /** The next one last. */
  readonly #bursts: Burst[] = [];

  add(burst: Burst): void {
    const place = this.#bursts.findLastIndex(({ nextMs }) => nextMs >= burst.nextMs) + 1;
    this.#bursts.splice(place, 0, burst);
  }

  takeBefore(timeMs: number): Burst | undefined {
    const next = this.#bursts.at(-1);
    return next !== undefined && next.nextMs < timeMs ? this.#bursts.pop() : undefined;
  }
}

/** From 1 to twice the mean, less one: each as likely. */
function lengthOf(random: Random): number {
  return 1 + random.below(2 * MEAN_LENGTH - 1);
}

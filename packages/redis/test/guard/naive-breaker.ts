import type { BreakerState, CallOutcome } from "../../src/guard/breaker.ts";

/** A breaker as the documentation describes it, looking through everything that ever happened. `random` is always the same. */
export class NaiveBreaker {
  readonly #random: number;
  /** Each change of state, with its time. */
  readonly #history: { readonly state: BreakerState; readonly at: number }[] = [{ state: "closed", at: 0 }];
  /** How calls went, each in the state that was in force when it ended. */
  readonly #outcomes: { readonly at: number; readonly outcome: CallOutcome; readonly change: number }[] = [];

  constructor(random: number) {
    this.#random = random;
  }

  get state(): BreakerState {
    return (this.#history.at(-1) as { state: BreakerState }).state;
  }

  enter(now: number): number | undefined {
    if (this.state === "half-open" || (this.state === "open" && now < this.#probeAt())) return undefined;
    if (this.state === "open") this.#history.push({ state: "half-open", at: now });
    return this.#history.length;
  }

  leave(pass: number, outcome: CallOutcome, now: number): void {
    if (pass !== this.#history.length) return;
    if (this.state === "half-open") {
      this.#history.push({ state: outcome === "success" ? "closed" : "open", at: now });
      return;
    }
    this.#outcomes.push({ at: now, outcome, change: pass });
    const recent = this.#outcomes.filter(({ at, change }) => change === pass && tenth(at) > tenth(now) - 10);
    const failed = recent.filter((call) => call.outcome !== "success");
    const isBad = outcome !== "success" && recent.length >= 5 && failed.length * 2 >= recent.length;
    if (isBad || outcome === "lost") this.#history.push({ state: "open", at: now });
  }

  /** Twice as long with each probe since it was closed, from half of what that makes up to all of it. */
  #probeAt(): number {
    const probes = this.#history.length - 2 - this.#history.findLastIndex(({ state }) => state === "closed");
    const longest = Math.min(200 * 2 ** (probes / 2), 2000);
    return (this.#history.at(-1) as { at: number }).at + longest / 2 + (longest / 2) * this.#random;
  }
}

function tenth(at: number): number {
  return Math.floor(at / 100);
}

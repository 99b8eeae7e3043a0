import { FailureRate } from "./failure-rate.ts";

/** `closed`: calls go through. `open`: none does. `half-open`: one does, to find out. */
export type BreakerState = "closed" | "open" | "half-open";

/** `lost`: the call failed because there is no connection, which the next ones need not find out again. */
export type CallOutcome = "success" | "failure" | "lost";

/** When it opens: at least so many calls in the last second, and at least this share of them failed. */
const FEWEST_CALLS = 5;
const FAILED_SHARE = 0.5;
/** Bounds of the time until the next probe, which doubles with each that fails. The lower half of each is left to chance. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2000;

/**
 * Keeps calls from a store that fails, and finds out when it is back: one call at a time, ever less often, and at times
 * of its own, so that many processes do not come back as a herd. Times are ms that never go back.
 */
export class Breaker {
  readonly #random: () => number;
  readonly #rate = new FailureRate();
  #state: BreakerState = "closed";
  /** Grows with each change of state: what a call brings says nothing of states after the one it came in. */
  #era = 0;
  #waitMs = FIRST_WAIT_MS;
  #probeAt = 0;

  /** `random` gives numbers from 0 on and below 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Lets a call through or not: gives what to {@link leave} with, or undefined. */
  enter(now: number): number | undefined {
    if (this.#state === "closed") return this.#era;
    if (this.#state === "half-open" || now < this.#probeAt) return undefined;
    return this.#become("half-open");
  }

  /** Says how a call went that was let through, once. `pass` is what {@link enter} gave. */
  leave(pass: number, outcome: CallOutcome, now: number): void {
    if (pass !== this.#era) return;
    if (this.#state === "closed") {
      this.#rate.note(outcome !== "success", now);
      if (outcome === "lost" || (outcome === "failure" && this.#failsTooOften(now))) this.#open(now);
    } else if (outcome === "success") {
      this.#rate.clear();
      this.#waitMs = FIRST_WAIT_MS;
      this.#become("closed");
    } else {
      this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
      this.#open(now);
    }
  }

  #failsTooOften(now: number): boolean {
    const calls = this.#rate.callsAt(now);
    return calls >= FEWEST_CALLS && this.#rate.failuresAt(now) >= FAILED_SHARE * calls;
  }

  #open(now: number): void {
    this.#probeAt = now + (this.#waitMs / 2) * (1 + this.#random());
    this.#become("open");
  }

  #become(state: BreakerState): number {
    this.#state = state;
    this.#era += 1;
    return this.#era;
  }
}

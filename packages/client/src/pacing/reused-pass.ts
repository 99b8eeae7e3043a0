import type { Skew } from "../reading/skew.ts";
import type { Answer, Pass, Sent } from "./gate.ts";

/** Where a pass is from, and goes back to when its call is over, which went at `sentAt`. */
export interface Origin {
  readonly skew: Skew;
  arrived(pass: ReusedPass, sentAt: number, answer: Answer | undefined, now: number | undefined): void;
}

/**
 * A pass that is given again when its call is over, together with the two functions that a promise asks for: to make them
 * anew would be more than half of what a call allocates.
 */
export class ReusedPass implements Pass {
  sentAt = 0;
  waitedMs = 0;
  reason: Pass["reason"];
  readonly #origin: Origin;
  readonly #answered = (response: Response) => (this.#call as Sent).answered(this, response);
  readonly #failed = (error: unknown) => (this.#call as Sent).failed(this, error);
  #isGiven = false;
  #call: Sent | undefined;

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  get skew(): Skew {
    return this.#origin.skew;
  }

  give(sentAt: number, waitedMs: number, reason: Pass["reason"]): Pass {
    this.sentAt = sentAt;
    this.waitedMs = waitedMs;
    this.reason = reason;
    this.#isGiven = true;
    return this;
  }

  follow(answer: Promise<Response>, call: Sent): Promise<Response> {
    this.#call = call;
    // Settles once, whatever kind of promise it was given: after that the pass may be another call's.
    return Promise.resolve(answer).then(this.#answered, this.#failed);
  }

  leave(answer?: Answer, now?: number): void {
    if (!this.#isGiven) return;
    this.#isGiven = false;
    this.#call = undefined;
    this.#origin.arrived(this, this.sentAt, answer, now);
  }
}

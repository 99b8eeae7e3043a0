import type { Clock } from "../clock.ts";

/** A call on its way: when it was sent, epoch ms, and what is known of the clock where it goes. */
export interface Sending {
  readonly sentAt: number;
  readonly skew: Skew;
}

/**
 * How far an API's clock is ahead of this one, as far as the `Date` of its answers tells. That has whole seconds, rounded
 * down, and was written between sending the call and its answer: so each answer sets two bounds, and several soon leave
 * little more than a round trip between them.
 */
export class Skew {
  readonly #clock: Pick<Clock, "wallNow">;
  /** Ms. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;

  constructor(clock: Pick<Clock, "wallNow"> = {}) {
    this.#clock = clock;
  }

  /**
   * The time by the API's clock when an answer came. Clocks are taken to agree as long as they can; but with
   * `isCautious` it is the earliest that it can be, so that what is waited for by it is never met early. Without any
   * `Date`, as a browser keeps it from pages of other origins, it is what this machine's clock was last set to.
   */
  serverNow(headers: Headers, { sentAt }: Pick<Sending, "sentAt">, now: number, isCautious: boolean): number {
    const date = headers.get("date");
    if (date !== null) {
      const then = Date.parse(date) + ageOf(headers);
      const least = then - now;
      const most = then + 1000 - sentAt;
      // One of the clocks was set, or stood still while the machine slept: what was known is over.
      const isOther = least >= this.#most || most <= this.#least;
      if (isOther || least > this.#least) this.#least = least;
      if (isOther || most < this.#most) this.#most = most;
    }
    if (this.#least === Number.NEGATIVE_INFINITY) return this.#clock.wallNow?.() ?? now;
    const mayAgree = this.#least <= 0 && this.#most > 0;
    return mayAgree && !isCautious ? now : now + this.#least;
  }
}

/** A cache may have kept the answer for a while: ms. */
function ageOf(headers: Headers): number {
  return Number(headers.get("age") ?? 0) * 1000;
}

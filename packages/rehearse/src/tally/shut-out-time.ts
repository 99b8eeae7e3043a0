import type { ShutOut } from "../rehearsal.ts";

const NOT_SHUT_OUT = -1;

/** How long one caller stands before a closed door. */
export class ShutOutTime {
  #times = 0;
  #totalMs = 0;
  #longestMs = 0;
  #since = NOT_SHUT_OUT;
  #toldUntil = 0;

  /** A refusal, that told to wait until then. Times are epoch ms, in order. */
  refuse(now: number, until: number): void {
    if (this.#since !== NOT_SHUT_OUT && now >= this.#toldUntil) this.#end(this.#toldUntil);
    if (this.#since === NOT_SHUT_OUT) {
      this.#since = now;
      this.#times++;
    }
    this.#toldUntil = until;
  }

  admit(now: number): void {
    if (this.#since !== NOT_SHUT_OUT) this.#end(Math.min(now, this.#toldUntil));
  }

  /** Up to now. A wait that has not ended yet counts as long as it was told, one without an end up to `until`. */
  upTo(until: number): ShutOut {
    const isOpen = this.#since !== NOT_SHUT_OUT;
    const end = Number.isFinite(this.#toldUntil) ? this.#toldUntil : until;
    const openMs = isOpen ? end - this.#since : 0;
    return {
      times: this.#times,
      totalMs: this.#totalMs + openMs,
      longestMs: Math.max(this.#longestMs, openMs),
    };
  }

  #end(at: number): void {
    const ms = at - this.#since;
    this.#totalMs += ms;
    this.#longestMs = Math.max(this.#longestMs, ms);
    this.#since = NOT_SHUT_OUT;
  }
}

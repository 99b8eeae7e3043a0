import type { Limit } from "@headgate/core";
import type { Grant } from "./centre.ts";
import { algorithmOf } from "./lease.ts";

/** How long after a denial the centre is asked whether others have given back, at first and at most. */
const FIRST_LOOK_MS = 20;
const LONGEST_LOOK_MS = 1_000;
/**
 * How long a counter that trickles is left alone between two questions: a quarter of what remains of its window, within
 * these. What is due and not taken when a window ends is not admitted any more; before that it is merely late.
 */
const LONGEST_TRICKLE_MS = 20;
const SHORTEST_TRICKLE_MS = 2;
/** How long a centre that has failed is left alone by those that can wait. */
const REST_MS = 20;
/** Whom it has held up longer ago than this, it holds up no more. */
const BUSY_MS = 100;

/** When to ask the centre about a counter that has run out. */
export class Pace {
  /** Units that were held up by {@link waitMs} since the last answer. */
  heldUp = 0;
  /** A window that slides and has run out gives back unit by unit. */
  isTrickling = false;
  #answeredAt: number;
  #trickleMs = LONGEST_TRICKLE_MS;
  #lookAt: number;
  #lookGapMs = FIRST_LOOK_MS;
  #restsUntil = Number.NEGATIVE_INFINITY;

  /**
   * `askedAt` is when the centre was last asked by anybody in this process. Whoever comes seldom finds what others have
   * given back all the same: there is a look for it a second after that.
   */
  constructor(now: number, askedAt: number) {
    this.#answeredAt = now;
    this.#lookAt = askedAt + LONGEST_LOOK_MS;
  }

  /** Notes what came of an order. */
  answered(limit: Limit, { granted, cells, time }: Grant, now: number): void {
    const isBusy = this.heldUp > 0 && now - this.#answeredAt <= BUSY_MS;
    this.#answeredAt = now;
    if (granted > 0) this.#lookGapMs = FIRST_LOOK_MS;
    this.#lookAt = now + this.#lookGapMs;
    const isUsedUp = algorithmOf(limit).used(Float64Array.from(cells), 0, limit, time) >= limit.quota;
    this.isTrickling = limit.algorithm === "sliding-window" && (isUsedUp || isBusy);
    if (this.isTrickling) this.#trickleMs = trickleMsOf(cells[0] + limit.windowMs - time);
    this.heldUp = 0;
  }

  /** Notes that the centre has not answered. */
  failed(now: number): void {
    this.#restsUntil = now + REST_MS;
  }

  /** Whether what nobody waits for is not to be asked for. */
  isResting(now: number): boolean {
    return this.isTrickling || now < this.#restsUntil;
  }

  /** Whether it is time to see if others have given back. After that it is later each time. */
  isLookDue(now: number): boolean {
    if (now < this.#lookAt) return false;
    this.#lookGapMs = Math.min(2 * this.#lookGapMs, LONGEST_LOOK_MS);
    this.#lookAt = now + this.#lookGapMs;
    return true;
  }

  /**
   * Ms that a request for `units` has to wait though there may be room, because the counter trickles: asking for each unit
   * would be a call a request. 0 for none.
   */
  waitMs(units: number, now: number, isAsking: boolean): number {
    if (!this.isTrickling) return 0;
    const waitMs = isAsking ? this.#trickleMs : Math.max(0, this.#answeredAt + this.#trickleMs - now);
    if (waitMs > 0) this.heldUp += units;
    return waitMs;
  }
}

function trickleMsOf(remainingMs: number): number {
  return Math.min(LONGEST_TRICKLE_MS, Math.max(SHORTEST_TRICKLE_MS, Math.floor(remainingMs / 4)));
}

import type { KnownLimit } from "../reading/reading.ts";
import type { Answer } from "./gate.ts";

/** Says when calls may be sent, by what is known of the limits. Time is an argument: epoch ms. */
export interface Supply {
  /** Until when everybody waits since the API told to: epoch ms, in the past where nobody does. */
  readonly heldUntil: number;
  /**
   * From when on one more call may go. Not known yet where it is infinite: that changes with an answer. `waiting` is how
   * many would like to.
   */
  nextAt(now: number, waiting: number): number;
  /** The earliest time at which a call may go that has so many before it. It may turn out to be later. */
  turnAt(place: number, now: number): number;
  /** One call goes now, as `nextAt` allowed. */
  sent(now: number): void;
  /** The answer of a call that went at `sentAt`; undefined if none came. */
  answered(sentAt: number, answer: Answer | undefined, now: number): void;
  /** What is known of the limits. */
  limits(now: number): readonly KnownLimit[];
}

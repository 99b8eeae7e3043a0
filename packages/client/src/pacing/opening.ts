/**
 * How far an API is opened up while none of its limits is known: a few calls at first, and twice as many with each answer.
 * Plain data, so that processes can share it.
 */
export interface Opening {
  /** Calls that may be in flight. Once limits are known, these count alone. */
  width: number;
  /** Calls that went well since the last refusal. */
  went: number;
  /**
   * Calls that may go at once: as many as went well between the last two refusals. What is more goes one by one, and so is
   * refused alone.
   */
  ration: number;
}

const WIDE_OPEN = 1_000_000;

/** As it is before anything is known. */
export function narrowOpening(): Opening {
  return { width: 1, went: 0, ration: WIDE_OPEN };
}

/** Whether one more call may go, with so many in flight. */
export function isOpen({ width, went, ration }: Opening, inFlight: number): boolean {
  return inFlight < (went + inFlight < ration ? width : 1);
}

/** A call went well. */
export function widen(opening: Opening, areLimitsKnown: boolean): void {
  opening.went++;
  opening.width = areLimitsKnown ? WIDE_OPEN : Math.min(opening.width * 2, WIDE_OPEN);
  if (areLimitsKnown || opening.went > 2 * opening.ration) opening.ration = WIDE_OPEN;
}

/** A call was refused: the first since the last wait was over, or one that was in flight together with that. */
export function narrow(opening: Opening, isFirst: boolean): void {
  opening.width = 1;
  if (!isFirst) return;
  opening.ration = Math.max(1, opening.went);
  opening.went = 0;
}

import type { Decision, Verdict } from "@headgate/core";
import { type OnDecisions, type RequestOutcome, RunningCounts } from "./decision-counts.ts";

/** How late it is told what was decided, at most. */
const TELL_EVERY_MS = 1_000;

/** Counts what one gateway decides, and tells it once a second: telling costs more than counting. */
export class DecisionTally {
  readonly #onDecisions: OnDecisions;
  readonly #timer: NodeJS.Timeout;
  #untold = new RunningCounts();
  #isAllTold = true;

  constructor(onDecisions: OnDecisions) {
    this.#onDecisions = onDecisions;
    this.#timer = setInterval(() => this.tell(), TELL_EVERY_MS).unref();
  }

  noteRequest(outcome: RequestOutcome): void {
    this.#untold.requests[outcome] += 1;
    this.#isAllTold = false;
  }

  /** Each limit is counted by what it said itself: one may have had room where another refused. */
  noteDecision({ verdicts }: Decision): void {
    for (let i = 0; i < verdicts.length; i++) {
      const { limit, admitted } = verdicts[i] as Verdict;
      const refused = limit.isShadow ? "shadow-refused" : "refused";
      this.#untold.of(limit.name)[admitted ? "admitted" : refused] += 1;
      this.#isAllTold = false;
    }
  }

  /** Tells what has not been told yet. */
  tell(): void {
    if (this.#isAllTold) return;
    const counts = this.#untold;
    this.#untold = new RunningCounts();
    this.#isAllTold = true;
    this.#onDecisions(counts);
  }

  /** Tells the last. */
  close(): void {
    clearInterval(this.#timer);
    this.tell();
  }
}

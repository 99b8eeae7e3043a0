import { abortable } from "./abortable.ts";

/** A request on its way, for all who ask the same until its answer is there. It is given up when all of them have gone. */
export class Flight<Outcome> {
  readonly #controller = new AbortController();
  readonly #outcome: Promise<Outcome>;
  #waiting = 0;
  #isClaimed = false;

  /** Begins at once. */
  constructor(begin: (signal: AbortSignal) => Promise<Outcome>) {
    this.#outcome = begin(this.#controller.signal);
    this.#outcome.catch(() => {}); // Whoever is left hears of it.
  }

  /** Whether all have gone, so that nobody is to join any more. */
  get isGivenUp(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Waits for the outcome. Rejects with the signal's reason as soon as that aborts, which does not touch the others. */
  share(signal: AbortSignal): Promise<Outcome> {
    this.#waiting++;
    return abortable(this.#outcome, signal, () => {
      if (--this.#waiting === 0) this.#controller.abort(signal.reason);
    });
  }

  /** Whether the caller is the first to take what only one can have. From then on its signal alone aborts the request. */
  claim(signal: AbortSignal): boolean {
    if (this.#isClaimed) return false;
    this.#isClaimed = true;
    signal.addEventListener("abort", () => this.#controller.abort(signal.reason), { once: true });
    return true;
  }
}

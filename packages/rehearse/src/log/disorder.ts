import type { LoggedRequest } from "../logged-request.ts";

/** A request, and the line that it was read of. */
export interface ReadRequest {
  readonly request: LoggedRequest;
  readonly line: number;
}

/** How many requests of a file may come before one that was earlier, and it still finds its place. */
export const MOST_HELD: number = 16_384;

/** Puts in order of time what comes nearly so. Of equal times what came first goes first. */
export class Disorder {
  #held: ReadRequest[] = [];

  /** Takes one more, and gives those whose turn it is. */
  take(read: ReadRequest): readonly ReadRequest[] {
    this.#held.push(read);
    // Twice as many, so that each takes part in two sorts at most.
    return this.#held.length < 2 * MOST_HELD ? [] : this.#earliest(MOST_HELD);
  }

  /** All that is left. */
  end(): readonly ReadRequest[] {
    return this.#earliest(this.#held.length);
  }

  #earliest(count: number): readonly ReadRequest[] {
    return this.#held.sort((a, b) => a.request.time - b.request.time).splice(0, count);
  }
}

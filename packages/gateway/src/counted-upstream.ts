/** Knows how many requests are on their way to an upstream, and lets go of it when the last has left. */
export abstract class CountedUpstream {
  /** A URL, or `builtin:events`. */
  readonly name: string;
  readonly #maxRequests: number;
  #requests = 0;
  #isRetired = false;

  constructor(name: string, maxRequests: number) {
    this.name = name;
    this.#maxRequests = maxRequests;
  }

  /** Whether the requests counted in are no more than may wait for this upstream. */
  get hasRoom(): boolean {
    return this.#requests <= this.#maxRequests;
  }

  /** Counts a request in, from before it is decided, so that a retired upstream stays open for it. */
  enter(): void {
    this.#requests++;
  }

  /** Counts a request out. */
  leave(): void {
    this.#requests--;
    if (this.#isRetired && this.#requests === 0) this.close();
  }

  /** Closes what it has open when the requests counted in have left. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    if (this.#requests === 0) this.close();
  }

  protected abstract close(): void;
}

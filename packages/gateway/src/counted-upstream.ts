/** Knows how many requests wait for an upstream, and lets go of it when the last that may yet need it has left. */
export abstract class CountedUpstream {
  /** A URL, or `builtin:events`. */
  readonly name: string;
  readonly #maxRequests: number;
  #requests = 0;
  #passed = 0;
  #isRetired = false;

  constructor(name: string, maxRequests: number) {
    this.name = name;
    this.#maxRequests = maxRequests;
  }

  /** Whether another request may wait for this upstream. */
  get hasRoom(): boolean {
    return this.#passed < this.#maxRequests;
  }

  /** Counts a request in, from before it is decided, so that a retired upstream stays open for it. */
  enter(): void {
    this.#requests++;
  }

  /** Counts it among those that wait: what is refused before takes nobody's room, however long its answer lies untaken. */
  pass(): void {
    this.#passed++;
  }

  /** Counts a request out. */
  leave(hasPassed: boolean): void {
    this.#requests--;
    if (hasPassed) this.#passed--;
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

/** Gone within this, a chunk was too small. */
const SHORT_MS = 40;
/** A chunk that lasts longer is not replaced before it is empty: perhaps nobody comes any more. */
const LASTING_MS = 100;

/**
 * How large the next chunk should be, from how long the last one has lasted: twice as large when that was gone at once,
 * half of it otherwise. So it follows what this process needs, within a few chunks, and the centre sees to the rest: no
 * chunk is more than a share of what remains.
 */
export class Chunk {
  #units = 1;
  #arrivedAt = Number.NEGATIVE_INFINITY;
  #stock = 0;

  /** Notes what has arrived, and how much there is now. */
  arrived(units: number, left: number, now: number): void {
    if (units > 0) this.#units = units;
    this.#stock = left;
    this.#arrivedAt = now;
  }

  /** Units that were there when the last one had arrived. */
  get stock(): number {
    return this.#stock;
  }

  /** How many units to ask for now. */
  next(now: number): number {
    return now - this.#arrivedAt <= SHORT_MS ? this.#units * 2 : Math.max(1, Math.floor(this.#units / 2));
  }

  /** Whether to ask for more before `left` is spent. */
  isRunningOut(left: number, now: number): boolean {
    return left * 2 <= this.#stock && this.#stock > 1 && now - this.#arrivedAt <= LASTING_MS;
  }
}

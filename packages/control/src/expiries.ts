const STEP_MS = 60_000;

/** Remembers when things end, to the minute, without a timer for each. */
export class Expiries<Item> {
  readonly #byMinute = new Map<number, Item[]>();

  /** `at` is epoch ms. */
  add(at: number, item: Item): void {
    const minute = Math.ceil(at / STEP_MS);
    const items = this.#byMinute.get(minute);
    if (items) items.push(item);
    else this.#byMinute.set(minute, [item]);
  }

  /** Gives what has ended by `now`, at most so many, and forgets it. */
  *take(now: number, most: number): Generator<Item> {
    const thisMinute = Math.floor(now / STEP_MS);
    let room = most;
    for (const [minute, items] of this.#byMinute) {
      if (minute > thisMinute) continue;
      if (room === 0) return;
      const taken = items.splice(-room);
      room -= taken.length;
      if (items.length === 0) this.#byMinute.delete(minute);
      yield* taken;
    }
  }
}

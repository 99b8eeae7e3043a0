const FREE = 0;
const HELD = 1;

/** A lock that is one word of shared memory. What it guards takes well under a microsecond, so waiting is spinning. */
export class SpinLock {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  acquire(): void {
    acquire(this.#words, this.#index);
  }

  release(): void {
    release(this.#words, this.#index);
  }
}

/** Takes the lock at `words[index]`, spinning until it is free. Not reentrant. */
export function acquire(words: Int32Array, index: number): void {
  while (Atomics.compareExchange(words, index, FREE, HELD) !== FREE);
}

/** Gives the lock back, and makes everything written under it visible to whoever takes it next. */
export function release(words: Int32Array, index: number): void {
  Atomics.store(words, index, FREE);
}

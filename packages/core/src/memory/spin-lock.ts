import { HeadgateError } from "../errors.ts";

/** What a lock's word is while nobody holds it. */
export const FREE = 0;

/** Some 40 us, as long as anything that is done under a lock. Whoever holds it for longer has lost its core. */
const SPINS = 2_000;
/** How long to sleep then. Systems take some 100 us more. */
const NAP_MS = 0.05;
/** About a second, spins and naps together. Then the holder is taken for dead. */
const MOST_NAPS = 5_000;

/**
 * A lock that is one word of shared memory: 0, or the number of the thread that holds it. What it guards takes well
 * under a microsecond, so waiting is spinning.
 */
export class SpinLock {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  acquire(owner: number): void {
    acquire(this.#words, this.#index, owner);
  }

  release(): void {
    release(this.#words, this.#index);
  }

  /** Whether `owner` holds the lock. Certain only of a thread that has died, or of oneself. */
  isHeldBy(owner: number): boolean {
    return isHeldBy(this.#words, this.#index, owner);
  }
}

/**
 * Takes the lock at `words[index]` for thread `owner`, waiting until it is free. Not reentrant. Throws `HG_LOCK_STUCK`
 * after about a second: so does not even the thread wait for ever that is to recover what a dead one held.
 */
export function acquire(words: Int32Array, index: number, owner: number): void {
  if (Atomics.compareExchange(words, index, FREE, owner) !== FREE) wait(words, index, owner);
}

/** Gives the lock back, and makes everything written under it visible to whoever takes it next. */
export function release(words: Int32Array, index: number): void {
  Atomics.store(words, index, FREE);
}

/** Whether `owner` holds the lock at `words[index]`. Certain only of a thread that has died, or of oneself. */
export function isHeldBy(words: Int32Array, index: number, owner: number): boolean {
  return Atomics.load(words, index) === owner;
}

function wait(words: Int32Array, index: number, owner: number): void {
  for (let naps = 0; naps < MOST_NAPS; naps++) {
    for (let spins = 0; spins < SPINS; spins++) {
      if (Atomics.load(words, index) !== FREE) continue;
      if (Atomics.compareExchange(words, index, FREE, owner) === FREE) return;
    }
    nap(words, index);
  }
  const holder = Atomics.load(words, index);
  throw new HeadgateError(
    "HG_LOCK_STUCK",
    `thread ${owner} has waited a second for a lock that thread ${holder} holds: if that has died, call recover(${holder})`,
  );
}

/** Lets the holder have this core. Nobody wakes a sleeper: that would cost every release more than naps cost waiters. */
function nap(words: Int32Array, index: number): void {
  try {
    Atomics.wait(words, index, Atomics.load(words, index), NAP_MS);
  } catch {
    // A browser's main thread must not sleep. It goes on spinning.
  }
}

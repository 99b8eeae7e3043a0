import type { Cells } from "../algorithm.ts";
import { acquire, release } from "./spin-lock.ts";

/**
 * A set is 512 bytes, eight cache lines, and finding a partition reads two of them. The first line holds, as 32-bit
 * words, the lock, a spare word and fourteen tags; the fourteen slots follow, 32 bytes each: three cells and two words.
 */
const WAYS = 14;
const SET_BYTES = 512;
const SET_WORDS = 128;
const TAGS = 2;
const SLOTS = 16;
const SLOT_WORDS = 8;

/** 16 more bits of the hash, a flag, and 15 bits that count uses. */
const META = 6;
/** When the state may be forgotten, in seconds since the epoch, rounded up; unsigned. */
const EXPIRES_AT = 7;

const USES_MASK = 0x7fff;
const HOLDERS_FLAG = 0x8000;
const HASH_MASK = 0xffff_0000;
const EMPTY = 0;
/** Fewer uses than any live slot can have. */
const EXPIRED = -1;

/** A slot is named by the index of its first word; this is no slot. */
export const NO_SLOT = -1;

/**
 * A set-associative hash table of fixed slots in shared memory. A 64-bit hash picks the set and is the identity; no key
 * is kept. When a set is full, an expired slot goes first, else the one used least; every such loss ages the others by
 * one use, so a flood of callers seen once cannot wash out one that is seen often, and yesterday's busy caller fades.
 *
 * A set and its slots are guarded by the set's lock: hold it around every call that names a slot.
 */
export class Table {
  /** The state of every slot: three cells from index `cellsOf(slot)`. */
  readonly cells: Cells;
  readonly #words: Int32Array;
  readonly #sets: number;

  /** Sets that give room for `partitions` at 45 bytes each: four slots of five are then taken when it is full. */
  static setsFor(partitions: number): number {
    return Math.max(1, Math.floor((partitions * 45) / SET_BYTES));
  }

  static byteLength(sets: number): number {
    return sets * SET_BYTES;
  }

  constructor(memory: SharedArrayBuffer, byteOffset: number, sets: number) {
    this.#words = new Int32Array(memory, byteOffset, sets * SET_WORDS);
    this.cells = new Float64Array(memory, byteOffset, (sets * SET_WORDS) / 2);
    this.#sets = sets;
  }

  /** The set a hash belongs to, named by the index of its first word. */
  setOf(low: number): number {
    return (((low >>> 0) * 2 ** -32 * this.#sets) | 0) * SET_WORDS;
  }

  lock(set: number): void {
    acquire(this.#words, set);
  }

  unlock(set: number): void {
    release(this.#words, set);
  }

  /** The slot of a hash in its set, or NO_SLOT. */
  find(set: number, low: number, high: number): number {
    const words = this.#words;
    const tag = tagOf(high);
    for (let way = 0; way < WAYS; way++) {
      if (words[set + TAGS + way] !== tag) continue;
      const slot = set + SLOTS + way * SLOT_WORDS;
      if (((words[slot + META] as number) & HASH_MASK) === low << 16) return slot;
    }
    return NO_SLOT;
  }

  /** Counts a use, and notes when the slot's state will be of no more use. */
  touch(slot: number, expiresAtMs: number): void {
    const meta = this.#words[slot + META] as number;
    if ((meta & USES_MASK) !== USES_MASK) this.#words[slot + META] = meta + 1;
    this.#words[slot + EXPIRES_AT] = Math.ceil(expiresAtMs / 1000) | 0;
  }

  /**
   * The slot that a new hash should take: an empty one, an expired one, or the least used, and of those the first to
   * expire. Slots that `isPinned` are not for taking; NO_SLOT if that leaves none.
   */
  victim(set: number, nowMs: number, isPinned: (slot: number) => boolean): number {
    let least = NO_SLOT;
    let leastUses = USES_MASK + 1;
    let leastExpiresAt = 0;
    for (let way = 0; way < WAYS; way++) {
      const slot = set + SLOTS + way * SLOT_WORDS;
      if (this.#words[set + TAGS + way] === EMPTY) return slot;
      if (isPinned(slot)) continue;
      const expiresAt = (this.#words[slot + EXPIRES_AT] as number) >>> 0;
      const uses = expiresAt * 1000 <= nowMs ? EXPIRED : (this.#words[slot + META] as number) & USES_MASK;
      if (uses < leastUses || (uses === leastUses && expiresAt < leastExpiresAt)) {
        least = slot;
        leastUses = uses;
        leastExpiresAt = expiresAt;
      }
    }
    if (leastUses !== EXPIRED) this.#age(set);
    return least;
  }

  /** Gives a slot to a hash, with all three cells at zero. */
  assign(slot: number, low: number, high: number, hasHolders: boolean): void {
    this.#words[tagIndex(slot)] = tagOf(high);
    this.#words[slot + META] = (low << 16) | (hasHolders ? HOLDERS_FLAG : 0);
    this.cells.fill(0, cellsOf(slot), cellsOf(slot) + 3);
  }

  /** Whether the slot's cells head a list of concurrency holders, which must be emptied before another takes the slot. */
  hasHolders(slot: number): boolean {
    return this.#words[tagIndex(slot)] !== EMPTY && ((this.#words[slot + META] as number) & HOLDERS_FLAG) !== 0;
  }

  /** Forgets a slot's hash. */
  clear(slot: number): void {
    this.#words[tagIndex(slot)] = EMPTY;
  }

  #age(set: number): void {
    for (let way = 0; way < WAYS; way++) {
      const index = set + SLOTS + way * SLOT_WORDS + META;
      const meta = this.#words[index] as number;
      if ((meta & USES_MASK) !== 0) this.#words[index] = meta - 1;
    }
  }
}

/** The tag of a hash; 0 marks an empty slot, so it is no tag. */
function tagOf(high: number): number {
  return high === EMPTY ? 1 : high;
}

/** The index of a slot's first cell: a cell is as long as two words. */
export function cellsOf(slot: number): number {
  return slot >> 1;
}

/** Where the tag of a slot is kept. */
function tagIndex(slot: number): number {
  const set = slot & ~(SET_WORDS - 1);
  return set + TAGS + (slot - set - SLOTS) / SLOT_WORDS;
}

import type { Cells } from "../algorithm.ts";
import { acquire, FREE, isHeldBy, release } from "./spin-lock.ts";

/**
 * How many cells a slot has: three hold what an algorithm knows of a partition, seven what a lease does.
 *
 * A slot is its cells and 8 bytes before them, 32 or 64 bytes in all, so none lies across two cache lines. A set is as
 * large as sixteen slots. Its first cache line holds, as 32-bit words, the lock and the tags; the slots follow, fourteen
 * of the small ones or fifteen of the large. So finding a partition reads two cache lines.
 */
export type CellsPerSlot = 3 | 7;

const TAGS = 1;
const SLOTS = 16;
const MOST_WAYS = 15;

// A slot, as 32-bit words: these two, then the cells.
/** 16 more bits of the hash, a flag, and 15 bits that count uses. */
const META = 0;
/** When the state may be forgotten, in seconds since the epoch, rounded up; unsigned. */
const EXPIRES_AT = 1;
const CELLS = 2;

/** What is of use for longer, such as a large debt, is kept as if until then. */
const LATEST_SECOND = 0xffff_ffff;
const USES_MASK = 0x7fff;
const HOLDERS_FLAG = 0x8000;
const HASH_MASK = 0xffff_0000;
const EMPTY = 0;
/** Fewer uses than any live slot can have. */
const EXPIRED = -1;

/** The number of a thread that has a memory to itself: it takes no locks. */
export const ALONE: number = FREE;

/** A slot is named by the index of its first word; this is no slot. */
export const NO_SLOT = -1;

/**
 * A set-associative hash table of fixed slots in shared memory. A 64-bit hash picks the set and is the identity; no key
 * is kept. When a set is full, an expired slot goes first, else the one used least; every such loss ages the others by
 * one use, so a flood of callers seen once cannot wash out one that is seen often, and yesterday's busy caller fades.
 *
 * A set and its slots are guarded by the set's lock: hold it around every call that names a slot. A thread that dies
 * holding it leaves every slot either as it was, empty, or given to its new hash with cells at zero.
 */
export class Table {
  /** The state of every slot: its cells, from index `cellsOf(slot)`. */
  readonly cells: Cells;
  readonly #words: Int32Array;
  readonly #owner: number;
  /** Of no meaning: what is read for nothing would not be read. */
  #ahead = 0;
  readonly #sets: number;
  readonly #cellsPerSlot: number;
  readonly #ways: number;
  // The words of a slot, and of a set, as exponents of two.
  readonly #slotShift: number;
  readonly #setShift: number;

  /** Sets that give room for `partitions`: four slots of five are then taken when it is full. */
  static setsFor(partitions: number, cellsPerSlot: CellsPerSlot = 3): number {
    return Math.max(1, Math.floor((partitions * 5) / (waysOf(cellsPerSlot) * 4)));
  }

  static byteLength(sets: number, cellsPerSlot: CellsPerSlot = 3): number {
    return sets * setWordsOf(cellsPerSlot) * 4;
  }

  /**
   * Opens `sets` sets at `byteOffset`, which is best a multiple of 64. Memory that is all zeros is an empty table.
   * `owner` is the number of this thread, from 1; no two that share the memory have the same. Or it is {@link ALONE}.
   */
  constructor(
    memory: SharedArrayBuffer,
    byteOffset: number,
    sets: number,
    owner: number,
    cellsPerSlot: CellsPerSlot = 3,
  ) {
    this.#owner = owner;
    this.#cellsPerSlot = cellsPerSlot;
    this.#slotShift = cellsPerSlot === 3 ? 3 : 4;
    this.#setShift = this.#slotShift + 4;
    this.#ways = waysOf(cellsPerSlot);
    this.#sets = sets;
    this.#words = new Int32Array(memory, byteOffset, sets << this.#setShift);
    this.cells = new Float64Array(memory, byteOffset, (sets << this.#setShift) / 2);
  }

  /** The set a hash belongs to, named by the index of its first word. */
  setOf(low: number): number {
    return (((low >>> 0) * 2 ** -32 * this.#sets) | 0) << this.#setShift;
  }

  /** Makes the processor fetch what `find` will read first. */
  approach(low: number): void {
    this.#ahead ^= this.#words[this.setOf(low)] as number;
  }

  lock(set: number): void {
    if (this.#owner === ALONE) return;
    // What `acquire` tries first. Tried here, it takes a decision about a hot key 5 ns less (bench/decision.ts).
    if (Atomics.compareExchange(this.#words, set, FREE, this.#owner) !== FREE) acquire(this.#words, set, this.#owner);
  }

  unlock(set: number): void {
    if (this.#owner !== ALONE) release(this.#words, set);
  }

  /** The slot of a hash in its set, or NO_SLOT. */
  find(set: number, low: number, high: number): number {
    const words = this.#words;
    const tag = tagOf(high);
    // Where there are only fourteen, the word after their tags is always empty, and a constant is quicker.
    for (let way = 0; way < MOST_WAYS; way++) {
      if (words[set + TAGS + way] !== tag) continue;
      const slot = set + SLOTS + (way << this.#slotShift);
      if (((words[slot + META] as number) & HASH_MASK) === low << 16) return slot;
    }
    return NO_SLOT;
  }

  /** Counts a use, and notes when the slot's state will be of no more use. */
  touch(slot: number, expiresAtMs: number): void {
    const meta = this.#words[slot + META] as number;
    if ((meta & USES_MASK) !== USES_MASK) this.#words[slot + META] = meta + 1;
    this.#words[slot + EXPIRES_AT] = Math.min(Math.ceil(expiresAtMs / 1000), LATEST_SECOND) | 0;
  }

  /**
   * The slot that a new hash should take: an empty one, an expired one, or the least used, and of those the first to
   * expire. Slots that `isPinned` are not for taking; NO_SLOT if that leaves none.
   */
  victim(set: number, nowMs: number, isPinned: (slot: number) => boolean): number {
    const words = this.#words;
    const ways = this.#ways;
    const slotShift = this.#slotShift;
    let least = NO_SLOT;
    let leastUses = USES_MASK + 1;
    let leastExpiresAt = 0;
    for (let way = 0; way < ways; way++) {
      const slot = set + SLOTS + (way << slotShift);
      if (words[set + TAGS + way] === EMPTY) return slot;
      if (isPinned(slot)) continue;
      const expiresAt = (words[slot + EXPIRES_AT] as number) >>> 0;
      const uses = expiresAt * 1000 <= nowMs ? EXPIRED : (words[slot + META] as number) & USES_MASK;
      if (uses < leastUses || (uses === leastUses && expiresAt < leastExpiresAt)) {
        least = slot;
        leastUses = uses;
        leastExpiresAt = expiresAt;
      }
    }
    if (leastUses !== EXPIRED) this.#age(set);
    return least;
  }

  /** Gives a slot to a hash, with all its cells at zero. */
  assign(slot: number, low: number, high: number, hasHolders: boolean): void {
    const tag = this.#tagIndex(slot);
    this.#words[tag] = EMPTY;
    this.#words[slot + META] = (low << 16) | (hasHolders ? HOLDERS_FLAG : 0);
    this.cells.fill(0, cellsOf(slot), cellsOf(slot) + this.#cellsPerSlot);
    this.#words[tag] = tagOf(high);
  }

  /** Whether the slot's cells head a list of concurrency holders, which must be emptied before another takes the slot. */
  hasHolders(slot: number): boolean {
    return this.#words[this.#tagIndex(slot)] !== EMPTY && ((this.#words[slot + META] as number) & HOLDERS_FLAG) !== 0;
  }

  /** Forgets a slot's hash. */
  clear(slot: number): void {
    this.#words[this.#tagIndex(slot)] = EMPTY;
  }

  /**
   * Takes the sets that a dead thread had locked from it, one after the other: `mend` puts each of the set's slots right
   * that is in use, then the set is unlocked. Takes some ms for a million partitions.
   */
  recover(dead: number, mend: (slot: number) => void): void {
    for (let set = 0; set < this.#words.length; set += 1 << this.#setShift) {
      if (!isHeldBy(this.#words, set, dead)) continue;
      for (let way = 0; way < this.#ways; way++) {
        if (this.#words[set + TAGS + way] !== EMPTY) mend(set + SLOTS + (way << this.#slotShift));
      }
      this.unlock(set);
    }
  }

  /** Where the tag of a slot is kept. */
  #tagIndex(slot: number): number {
    const set = slot & (-1 << this.#setShift);
    return set + TAGS + ((slot - set - SLOTS) >> this.#slotShift);
  }

  #age(set: number): void {
    const words = this.#words;
    const ways = this.#ways;
    const slotShift = this.#slotShift;
    for (let way = 0; way < ways; way++) {
      const index = set + SLOTS + (way << slotShift) + META;
      const meta = words[index] as number;
      if ((meta & USES_MASK) !== 0) words[index] = meta - 1;
    }
  }
}

/** The tag of a hash; 0 marks an empty slot, so it is no tag. */
function tagOf(high: number): number {
  return high === EMPTY ? 1 : high;
}

/** The index of a slot's first cell: a cell is as long as two words. */
export function cellsOf(slot: number): number {
  return (slot + CELLS) >> 1;
}

function slotWordsOf(cellsPerSlot: CellsPerSlot): number {
  return CELLS + cellsPerSlot * 2;
}

function setWordsOf(cellsPerSlot: CellsPerSlot): number {
  return slotWordsOf(cellsPerSlot) * 16;
}

function waysOf(cellsPerSlot: CellsPerSlot): number {
  return (setWordsOf(cellsPerSlot) - SLOTS) / slotWordsOf(cellsPerSlot);
}

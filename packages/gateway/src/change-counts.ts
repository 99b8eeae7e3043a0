/** An answer stands as long as this is so: nothing that it was made of has changed since. Data, so that threads can send it. */
export interface Standing {
  readonly slot: number;
  readonly count: number;
}

/** Names share slots, by a hash: a change of one then ends answers made of another before their time, which is no harm. */
const SLOTS = 4_096;

/**
 * How often each thing has changed that answers are made of, in memory that all threads see. Where one thread answers and
 * another remembers, nothing is sent between them when something changes.
 */
export class ChangeCounts {
  readonly memory: SharedArrayBuffer;
  readonly #counts: Int32Array<SharedArrayBuffer>;

  /** `memory`: of counts that another thread has made. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#counts = new Int32Array(memory);
  }

  /** What stands for as long as `name` does not change. To be asked before what the answer is made of is looked at. */
  standing(name: string): Standing {
    const slot = slotOf(name);
    return { slot, count: Atomics.load(this.#counts, slot) };
  }

  /** `name` has changed. To be called before anybody is told so: then nobody who was told is answered as before. */
  change(name: string): void {
    Atomics.add(this.#counts, slotOf(name), 1);
  }

  holds({ slot, count }: Standing): boolean {
    return Atomics.load(this.#counts, slot) === count;
  }
}

/** FNV-1a. */
function slotOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SLOTS;
}

/** What a table finds again by one of its hashes. */
export interface KnownByHash {
  isKnownBy(hash: string): boolean;
}

const EMPTY = 0;
const SMALLEST = 64;

/**
 * Finds credentials by the hash of their secret. A Map does the same, but with a million keys in it nearly all of its time
 * goes into waiting for memory: it looks at several keys that are elsewhere on the way to one. Here 32 bits of each hash
 * lie in a row, and only the one that fits is looked at: linear probing, with at most three of four slots taken.
 */
export class SecretTable<Item extends KnownByHash> {
  /** In the order of their tags, but for those that had to give way. */
  #tags = new Uint32Array(SMALLEST);
  #items: (Item | undefined)[] = emptySlots(SMALLEST);
  /** The highest bits of a tag are the slot that it should be in. */
  #shift = 32 - Math.log2(SMALLEST);
  #size = 0;

  get(hash: string): Item | undefined {
    return this.#items[this.#slotOf(hash)];
  }

  /** An item that is known by the hash, in place of another one that is. */
  set(hash: string, item: Item): void {
    const slot = this.#slotOf(hash);
    if (this.#tags[slot] === EMPTY) this.#size += 1;
    this.#tags[slot] = tagOf(hash);
    this.#items[slot] = item;
    if (this.#size * 4 > this.#tags.length * 3) this.#grow();
  }

  /** Call it while the item is still known by the hash. */
  delete(hash: string): void {
    let gap = this.#slotOf(hash);
    if (this.#tags[gap] === EMPTY) return;
    const mask = this.#tags.length - 1;
    // Those that gave way move up, or they would not be found behind the gap.
    for (let slot = (gap + 1) & mask; this.#tags[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const home = (this.#tags[slot] as number) >>> this.#shift;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      this.#tags[gap] = this.#tags[slot] as number;
      this.#items[gap] = this.#items[slot];
      gap = slot;
    }
    this.#tags[gap] = EMPTY;
    this.#items[gap] = undefined;
    this.#size -= 1;
  }

  /** Where the item of that hash is, or where it would go. */
  #slotOf(hash: string): number {
    const tags = this.#tags;
    const mask = tags.length - 1;
    const tag = tagOf(hash);
    let slot = tag >>> this.#shift;
    while (tags[slot] !== EMPTY && !(tags[slot] === tag && this.#items[slot]?.isKnownBy(hash)))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [tags, items] = [this.#tags, this.#items];
    const mask = tags.length * 2 - 1;
    this.#tags = new Uint32Array(tags.length * 2);
    this.#items = emptySlots(tags.length * 2);
    this.#shift -= 1;
    tags.forEach((tag, from) => {
      if (tag === EMPTY) return;
      let slot = tag >>> this.#shift;
      while (this.#tags[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#tags[slot] = tag;
      this.#items[slot] = items[from];
    });
  }
}

function emptySlots(count: number): undefined[] {
  return new Array<undefined>(count).fill(undefined);
}

/** 32 bits of a hash, which are evenly spread, as all of its bits are; never {@link EMPTY}. */
function tagOf(hash: string): number {
  let tag = 0;
  for (let i = 0; i < 8; i++) tag = Math.imul(tag ^ hash.charCodeAt(i), 0x9e3779b1);
  return (tag | 1) >>> 0;
}

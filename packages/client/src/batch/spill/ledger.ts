import type { SealedItems } from "../spill.ts";

/** What is known of an item that is kept. */
interface Holding {
  /** Where its latest record is. */
  readonly segment: number;
  readonly bytes: number;
  sealed: SealedItems | undefined;
}

/** Which items are kept, in which segments, and which of them belong together. */
export class Ledger {
  readonly #holdings = new Map<number, Holding>();
  readonly #itemsIn = new Map<number, number>();
  #bytes = 0;
  #nextId = 1;

  /** Of the records of all items that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Above all ids that were ever there. */
  get nextId(): number {
    return this.#nextId;
  }

  get ids(): readonly number[] {
    return [...this.#holdings.keys()].sort((one, other) => one - other);
  }

  /** An item's record was written, or written again, in this segment. */
  add(id: number, segment: number, bytes: number): void {
    const sealed = this.#holdings.get(id)?.sealed;
    this.remove([id]);
    this.#holdings.set(id, { segment, bytes, sealed });
    this.#itemsIn.set(segment, this.itemsIn(segment) + 1);
    this.#bytes += bytes;
    this.#nextId = Math.max(this.#nextId, id + 1);
  }

  /** What the items belonged to before counts no more. */
  seal(sealed: SealedItems): void {
    for (const id of sealed.ids) {
      const holding = this.#holdings.get(id);
      if (holding) holding.sealed = sealed;
    }
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) {
      const holding = this.#holdings.get(id);
      if (!holding) continue;
      this.#holdings.delete(id);
      this.#itemsIn.set(holding.segment, this.itemsIn(holding.segment) - 1);
      this.#bytes -= holding.bytes;
    }
  }

  /** Whether an item is kept, and its record in this segment is the one that counts. */
  holds(id: number, segment: number): boolean {
    return this.#holdings.get(id)?.segment === segment;
  }

  /** How many items have the record that counts in this segment. */
  itemsIn(segment: number): number {
    return this.#itemsIn.get(segment) ?? 0;
  }

  /** What an item belongs to, if all that belongs to it is kept; else it has been answered, and the rest is free. */
  sealedWith(id: number): SealedItems | undefined {
    const sealed = this.#holdings.get(id)?.sealed;
    return sealed?.ids.every((other) => this.#holdings.get(other)?.sealed === sealed) ? sealed : undefined;
  }
}

/** An item as it is kept outside of memory. */
export interface SpilledItem {
  readonly id: number;
  readonly key: string;
  readonly text: string;
}

/** Items that are, or may have been, under way together. */
export interface SealedItems {
  readonly idempotencyKey: string;
  readonly ids: readonly number[];
}

/** What a process before this one has left. */
export interface Leftovers {
  /** In order of their ids. */
  readonly items: readonly SpilledItem[];
  /** Those of the items that go out again as they did before, in order. */
  readonly sealed: readonly SealedItems[];
  /** Above all ids that were ever given. */
  readonly nextId: number;
  /** How many records could not be read. What was being written when a machine went down is among them. */
  readonly damaged: number;
}

/** Keeps items where they outlast the process. `fileSpill` of `@headgate/client/spill` is one, for Node. */
export interface Spill {
  /** Called once, before anything else. */
  open(): Promise<Leftovers>;
  /** Resolves when the item would be there after a crash, in the order of calls. */
  append(item: SpilledItem): Promise<void>;
  /** Resolves when, after a crash, these would be known to belong together. What they belonged to before is forgotten. */
  seal(sealed: SealedItems): Promise<void>;
  /**
   * Items that need not be kept any more. Never rejects: at the latest it is on record with the next seal, for by then it
   * must be, and till then sending them again does no harm.
   */
  forget(ids: readonly number[]): void;
  /** Resolves when everything is on record, and another may open it. */
  close(): Promise<void>;
}

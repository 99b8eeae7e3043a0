/** What an item is taken with. */
export interface EntryContent<Item> {
  /** Grows with each item that was added. */
  readonly id: number;
  readonly item: Item;
  readonly key: string;
  /** As it stands in a body. */
  readonly text: string;
  /** Of the text, in UTF-8. */
  readonly bytes: number;
  /** Epoch ms. */
  readonly addedAt: number;
}

/** An item that the batcher has taken, until it is known what became of it. */
export class Entry<Item> {
  readonly content: EntryContent<Item>;
  /** Resolves when the API has taken the item, and rejects with an `UndeliveredError` when it will not. */
  readonly delivered: Promise<void>;
  #rejections = 0;
  #firstRejectedAt = 0;
  #settle: (error?: Error) => void = () => {};

  constructor(content: EntryContent<Item>) {
    this.content = content;
    this.delivered = new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
    });
    // Whoever does not ask hears of it by a notice: an unhandled rejection would end the process.
    this.delivered.catch(() => {});
  }

  /** How often the API has rejected it though it may take it later. */
  get rejections(): number {
    return this.#rejections;
  }

  /** Counts such a rejection, and gives the time since the first, ms. */
  noteRejection(now: number): number {
    if (this.#rejections === 0) this.#firstRejectedAt = now;
    this.#rejections += 1;
    return now - this.#firstRejectedAt;
  }

  settle(error?: Error): void {
    this.#settle(error);
  }
}

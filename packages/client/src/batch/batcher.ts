import { HeadgateError } from "@headgate/core";
import { tellListener } from "../listener.ts";
import { byteLength, toBatch } from "./batch.ts";
import type { BatchNotice } from "./batch-notice.ts";
import { type BatcherOptions, type BatcherSettings, toSettings } from "./batcher-options.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Entry } from "./entry.ts";
import { Room } from "./room.ts";
import { UndeliveredError } from "./undelivered-error.ts";
import type { Verdict } from "./verdict.ts";

/** An item that the batcher has taken. */
export interface Added {
  /** Resolves when the API has taken the item, and rejects with an {@link UndeliveredError} when it will not. */
  readonly delivered: Promise<void>;
}

/**
 * Collects items into calls, and sees to it that an API that keeps idempotency keys takes each of them once: what gets no
 * answer is sent again, the same under the same key, and of what was taken in part only the rest.
 */
export class Batcher<Item> {
  readonly #settings: BatcherSettings<Item>;
  readonly #dispatcher: Dispatcher<Item>;
  readonly #room: Room;
  readonly #entries = new Set<Entry<Item>>();
  readonly #adding = new Set<Promise<Added>>();
  readonly #opened: Promise<void>;
  #nextId = 1;
  #closing: Promise<void> | undefined;
  /** What became of those that were not delivered when the time to close was over. */
  #end: UndeliveredError | undefined;

  /** @throws HeadgateError `HG_BATCHER_OPTION` where a bound is not one */
  constructor(options: BatcherOptions<Item>) {
    this.#settings = toSettings(options);
    const { maxPendingItems, maxPendingBytes } = this.#settings;
    this.#room = new Room(maxPendingItems, maxPendingBytes);
    this.#dispatcher = new Dispatcher(this.#settings, {
      onVerdict: (verdict) => this.#settle(verdict),
      onNotice: (notice) => this.#notify(notice),
    });
    this.#opened = this.#open();
    this.#opened.catch(() => {});
  }

  /** How many items have been taken of which it is not known what became of them. */
  get pending(): number {
    return this.#entries.size;
  }

  /**
   * Takes an item as it is now. Resolves when there is room for it and, with a spill, when it is on disk: from then on it
   * is the batcher's. Await it, for that is what keeps a caller from being faster than the API.
   *
   * @throws HeadgateError `HG_BATCH_ITEM_INVALID` or `HG_BATCH_ITEM_TOO_LARGE`, `HG_BATCHER_CLOSED`, or what the spill says;
   * or the signal's reason. The item has not been taken then.
   */
  async add(item: Item, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Added> {
    if (this.#closing) throw new HeadgateError("HG_BATCHER_CLOSED", "the batcher was closed before the item was added");
    const adding = this.#take(item, this.#write(item), this.#settings.key(item), signal);
    this.#adding.add(adding);
    try {
      return await adding;
    } finally {
      this.#adding.delete(adding);
    }
  }

  /** Sends what has been taken without waiting for more. Resolves when it is known of all what became of them. */
  async flush(): Promise<void> {
    await this.#opened;
    this.#dispatcher.flush(this.#nextId - 1);
    await this.#settled();
  }

  /**
   * Takes nothing more, and sends what there is, those among it whose `add` still waits. What is not delivered after
   * `deadlineMs` fails with `HG_BATCHER_CLOSED`, or stays in the spill. Without a deadline, `giveUpAfterMs` bounds it.
   * Rejects with `HG_SPILL_DISK` where the spill cannot note what was delivered, which then goes out again.
   */
  close({ deadlineMs = Number.POSITIVE_INFINITY }: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  /** Closes without a deadline. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    const { spill, fromText, clock, envelope } = this.#settings;
    if (!spill) return;
    const { items, sealed, nextId, damaged } = await spill.open();
    this.#nextId = nextId;
    const waiting = new Map<number, Entry<Item>>();
    for (const { id, key, text } of items) {
      const content = { id, key, text, item: fromText(text), bytes: byteLength(text), addedAt: clock.now() };
      const entry = new Entry(content);
      waiting.set(id, entry);
      this.#entries.add(entry);
      this.#room.occupy(content.bytes);
    }
    const batches = sealed.map(({ ids, idempotencyKey }) => {
      const entries = ids.map((id) => waiting.get(id) as Entry<Item>);
      for (const id of ids) waiting.delete(id);
      return toBatch(entries, envelope, idempotencyKey);
    });
    this.#notify({ kind: "replayed", items: items.length, batches: batches.length, damaged });
    this.#dispatcher.resume(batches);
    for (const entry of waiting.values()) this.#dispatcher.push(entry);
  }

  /** An item as it stands in a body, and how many bytes that is. */
  #write(item: Item): { readonly text: string; readonly bytes: number } {
    const { toText, maxBytes, envelope } = this.#settings;
    let text: unknown;
    try {
      text = toText(item);
    } catch (cause) {
      throw new HeadgateError("HG_BATCH_ITEM_INVALID", `the item cannot be written as text: ${cause}`, { cause });
    }
    if (typeof text !== "string") throw new HeadgateError("HG_BATCH_ITEM_INVALID", `${typeof item} is not an item`);
    const bytes = byteLength(text);
    const alone = bytes + byteLength(envelope.open + envelope.close);
    if (alone <= maxBytes) return { text, bytes };
    const message = `the item alone makes a body of ${alone} bytes, and maxBytes is ${maxBytes}`;
    throw new HeadgateError("HG_BATCH_ITEM_TOO_LARGE", message);
  }

  async #take(
    item: Item,
    { text, bytes }: { readonly text: string; readonly bytes: number },
    key: string,
    signal: AbortSignal | undefined,
  ): Promise<Added> {
    const { spill, clock } = this.#settings;
    await this.#opened;
    await this.#room.take(bytes, signal);
    const id = this.#nextId++;
    try {
      await spill?.append({ id, key, text });
    } catch (error) {
      this.#room.free(bytes);
      throw error;
    }
    const entry = new Entry({ id, item, key, text, bytes, addedAt: clock.now() });
    this.#entries.add(entry);
    if (this.#end) this.#finish(entry, this.#end);
    else this.#dispatcher.push(entry);
    return entry;
  }

  #settle({ delivered, failed }: Verdict<Item>): void {
    const lost = failed.filter(({ error }) => !error.isKept).map(({ entry }) => entry);
    this.#settings.spill?.forget([...delivered, ...lost].map(({ content }) => content.id));
    for (const entry of delivered) this.#finish(entry);
    for (const { entry, error } of failed) this.#finish(entry, error);
  }

  #finish(entry: Entry<Item>, error?: UndeliveredError): void {
    if (!this.#entries.delete(entry)) return;
    entry.settle(error);
    this.#room.free(entry.content.bytes);
    if (error) this.#notify({ kind: "failed", item: entry.content.item, error });
  }

  async #settled(): Promise<void> {
    await Promise.allSettled([...this.#entries].map(({ delivered }) => delivered));
  }

  async #close(deadlineMs: number): Promise<void> {
    const { spill, clock } = this.#settings;
    const inTime = new AbortController();
    if (deadlineMs < Number.POSITIVE_INFINITY) {
      clock.sleep(deadlineMs, inTime.signal).then(
        () => this.#stop(deadlineMs),
        () => {},
      );
    }
    // Where it could not be opened, every `add` has told so.
    await this.#opened.catch(() => {});
    this.#dispatcher.flush(Number.POSITIVE_INFINITY);
    while (this.#adding.size + this.#entries.size > 0) {
      await Promise.allSettled(this.#adding);
      await this.#settled();
    }
    inTime.abort();
    await this.#dispatcher.ended();
    await spill?.close();
  }

  #stop(deadlineMs: number): void {
    const message = `the batcher was closed, and ${deadlineMs} ms were too short for the item`;
    this.#end = new UndeliveredError("HG_BATCHER_CLOSED", message, { isKept: this.#settings.spill !== undefined });
    this.#dispatcher.stop(this.#end);
    this.#room.clear(new HeadgateError("HG_BATCHER_CLOSED", message));
    for (const entry of this.#entries) this.#finish(entry, this.#end);
  }

  #notify(notice: BatchNotice<Item>): void {
    tellListener(this.#settings.onNotice, notice);
  }
}

import { Alarm } from "../alarm.ts";
import { backoffMs } from "../waiting/backoff.ts";
import { newIdempotencyKey } from "../waiting/idempotency-key.ts";
import { type Batch, byteLength, toBatch } from "./batch.ts";
import type { BatchNotice, FlushReason } from "./batch-notice.ts";
import type { BatcherSettings } from "./batcher-options.ts";
import { deliver, type Outcome, type Retry } from "./delivery.ts";
import type { Entry } from "./entry.ts";
import { Lanes } from "./lanes.ts";
import { SizeBound } from "./size-bound.ts";
import type { UndeliveredError } from "./undelivered-error.ts";
import { judge, type Verdict } from "./verdict.ts";

/** Whom the dispatcher tells. */
export interface DispatcherEvents<Item> {
  /** Hears what became of each batch, before anything of it is sent again. */
  readonly onVerdict: (verdict: Verdict<Item>) => void;
  readonly onNotice: (notice: BatchNotice<Item>) => void;
}

/** Sends what waits: when it is due, in batches as large as they may be, so many at a time. */
export class Dispatcher<Item> {
  readonly #settings: BatcherSettings<Item>;
  readonly #events: DispatcherEvents<Item>;
  readonly #lanes: Lanes<Item>;
  readonly #alarm: Alarm;
  /** Of the batches under way. Each has its own: a signal with many listeners would be taken for a leak. */
  readonly #endings = new Set<AbortController>();
  readonly #tasks = new Set<Promise<void>>();
  /** Of a body without its items, if each of them had a separator. */
  readonly #frameBytes: number;
  readonly #size: SizeBound;
  #inFlight = 0;
  #notBefore = 0;
  #flushedTo = 0;
  /** What is under way ends with, once this was stopped. */
  #end: UndeliveredError | undefined;

  constructor(settings: BatcherSettings<Item>, events: DispatcherEvents<Item>) {
    const { envelope, maxPerKey, maxItems, maxBytes, clock } = settings;
    const separatorBytes = byteLength(envelope.separator);
    this.#settings = settings;
    this.#events = events;
    this.#lanes = new Lanes(Math.min(maxPerKey, maxItems), separatorBytes);
    this.#alarm = new Alarm(clock, () => this.#pump());
    this.#frameBytes = byteLength(envelope.open + envelope.close) - separatorBytes;
    this.#size = new SizeBound(maxBytes);
  }

  push(entry: Entry<Item>): void {
    this.#lanes.push(entry);
    // Before the alarm rings, only a full batch can be due.
    if (!this.#alarm.isSet || this.#fullBy()) this.#pump();
  }

  /** Sends batches that were under way before, one after the other. What has their keys waits for them. */
  resume(batches: readonly Batch<Item>[]): void {
    for (const batch of batches) for (const key of keysOf(batch.entries)) this.#lanes.hold(key);
    const carryAll = async (): Promise<void> => {
      for (const batch of batches) await this.#carry(batch);
    };
    this.#track(carryAll());
  }

  /** Lets nothing up to this id wait for others to go with it. */
  flush(id: number): void {
    this.#flushedTo = Math.max(this.#flushedTo, id);
    this.#pump();
  }

  /** Ends what is under way, with this error, and begins nothing more. */
  stop(error: UndeliveredError): void {
    this.#end = error;
    this.#alarm.set(Number.POSITIVE_INFINITY);
    for (const ending of this.#endings) ending.abort(error);
  }

  /** Resolves when nothing is under way. */
  async ended(): Promise<void> {
    await Promise.all(this.#tasks);
  }

  #pump(): void {
    const { clock, concurrency, everyMs, maxItems, envelope } = this.#settings;
    while (this.#inFlight < concurrency && !this.#end) {
      const now = clock.now();
      const { at, reason } = this.#due();
      const sendAt = Math.max(at, this.#notBefore);
      this.#alarm.set(sendAt > now ? sendAt : Number.POSITIVE_INFINITY);
      if (sendAt > now) return;
      this.#notBefore = now + everyMs;
      const entries = this.#lanes.take({ maxItems, maxBytes: this.#size.bytes - this.#frameBytes });
      const batch = toBatch(entries, envelope, newIdempotencyKey());
      this.#events.onNotice({ kind: "flushed", reason, ...labelOf(batch) });
      this.#track(this.#carry(batch));
    }
  }

  /** When the next batch goes, and why. */
  #due(): { readonly at: number; readonly reason: FlushReason } {
    const reason = this.#fullBy();
    if (reason) return { at: 0, reason };
    const { maxAgeMs } = this.#settings;
    const at = this.#lanes.earliest(({ content: { id, addedAt } }) => (id <= this.#flushedTo ? 0 : addedAt + maxAgeMs));
    return { at, reason: at === 0 ? "flush" : "age" };
  }

  /** What it is that the next batch can have no more of. */
  #fullBy(): FlushReason | undefined {
    if (this.#lanes.items >= this.#settings.maxItems) return "count";
    return this.#lanes.bytes + this.#frameBytes >= this.#size.bytes ? "bytes" : undefined;
  }

  #track(task: Promise<void>): void {
    this.#tasks.add(task);
    task.finally(() => this.#tasks.delete(task));
  }

  /** Sends a batch whose keys are held, and releases them when nothing of theirs is to be sent again. */
  async #carry(batch: Batch<Item>): Promise<void> {
    const { clock, backoff, random } = this.#settings;
    const ending = new AbortController();
    const { signal } = ending;
    if (this.#end) ending.abort(this.#end);
    this.#endings.add(ending);
    this.#inFlight += 1;
    const outcome = await deliver(batch, this.#settings, { signal, onRetry: (retry) => this.#noteRetry(batch, retry) });
    this.#inFlight -= 1;
    const again = this.#conclude(batch, outcome);
    const held = keysOf(again);
    for (const key of keysOf(batch.entries)) if (!held.has(key)) this.#lanes.release(key);
    this.#pump();
    const failures = again.reduce((most, { rejections }) => Math.max(most, rejections), 0);
    if (failures > 0) await clock.sleep(backoffMs(failures, backoff, random), signal).catch(() => {});
    this.#lanes.putBack(again);
    for (const key of held) this.#lanes.release(key);
    this.#pump();
    this.#endings.delete(ending);
  }

  /** Tells what became of a batch. Returns what is to be sent again. */
  #conclude(batch: Batch<Item>, outcome: Outcome): readonly Entry<Item>[] {
    const { clock, giveUpAfterMs, spill } = this.#settings;
    const verdict = judge(batch, outcome, { now: clock.now(), giveUpAfterMs, isKept: spill !== undefined });
    const { again, failed } = verdict;
    if (outcome.kind === "answered") this.#size.noteTaken(batch.bytes);
    if (outcome.kind === "too-large" && again.length > 0) {
      this.#size.noteRefused(batch.bytes);
      this.#events.onNotice({ kind: "split", ...labelOf(batch) });
    } else if (outcome.kind === "answered" && again.length + failed.length > 0) {
      this.#events.onNotice({ kind: "partial", failed: failed.length, again: again.length, ...labelOf(batch) });
    }
    this.#events.onVerdict(verdict);
    return again;
  }

  #noteRetry(batch: Batch<Item>, { isTold, ...retry }: Retry): void {
    if (isTold) this.#notBefore = Math.max(this.#notBefore, this.#settings.clock.now() + retry.waitMs);
    this.#events.onNotice({ kind: "retried", ...retry, ...labelOf(batch) });
  }
}

function keysOf<Item>(entries: readonly Entry<Item>[]): Set<string> {
  return new Set(entries.map(({ content }) => content.key));
}

function labelOf<Item>({ idempotencyKey, entries, bytes }: Batch<Item>) {
  return { idempotencyKey, items: entries.length, bytes };
}

import type { Ledger } from "./ledger.ts";
import { type SpillRecord, toLine } from "./record.ts";
import { readSegment, removeSegment, Segment, segmentsIn } from "./segment.ts";

/** How the log is kept. */
export interface SpillLogOptions {
  readonly folder: string;
  /** Whether it outlasts the machine, and not only the process. */
  readonly isSynced: boolean;
  /** A segment that has so many bytes is followed by another. */
  readonly segmentBytes: number;
}

/** A record that is to be written. */
interface Writing {
  readonly record: SpillRecord;
  readonly line: Buffer;
  readonly resolve: () => void;
  /** Missing where it is written with what comes next, if the disk fails now. */
  readonly reject?: (error: unknown) => void;
}

/**
 * Records in files, one after the other. What comes while one is being written goes together, with one flush to the disk.
 * Segments are removed from the oldest on, so that no record of an item outlasts the one that says it is done.
 */
export class SpillLog {
  readonly #options: SpillLogOptions;
  readonly #ledger: Ledger;
  /** Those there are but the last, the oldest first, with their sizes. */
  readonly #older = new Map<number, number>();
  #last: Segment | undefined;
  #lastNumber = 0;
  #waiting: Writing[] = [];
  #isWriting = false;
  #written: Promise<void> = Promise.resolve();

  /** What is written goes into the ledger; what is done has to be out of it before that is noted. */
  constructor(options: SpillLogOptions, ledger: Ledger) {
    this.#options = options;
    this.#ledger = ledger;
  }

  /** Reads what there is, in order. Returns how many lines are damaged. */
  async replay(onRecord: (record: SpillRecord, segment: number) => void): Promise<number> {
    const { folder } = this.#options;
    let damaged = 0;
    for (const number of await segmentsIn(folder)) {
      const content = await readSegment(folder, number);
      for (const record of content.records) onRecord(record, number);
      damaged += content.damaged;
      this.#older.set(number, content.bytes);
      this.#lastNumber = number;
    }
    await this.#removeDone();
    return damaged;
  }

  /** Resolves when the record is on disk; rejects with `HG_SPILL_DISK` where it is not, and will not be. */
  write(record: SpillRecord): Promise<void> {
    return new Promise((resolve, reject) => this.#push({ record, line: Buffer.from(toLine(record)), resolve, reject }));
  }

  /** Writes the record before any that comes after it. */
  note(record: SpillRecord): void {
    this.#push({ record, line: Buffer.from(toLine(record)), resolve: () => {} });
  }

  /** Writes what waits, and removes what is done. Rejects with `HG_SPILL_DISK` where the disk fails. */
  async close(): Promise<void> {
    await this.#written;
    try {
      if (this.#waiting.length > 0) await this.write(["done", []]);
    } finally {
      await this.#endLast();
    }
    await this.#removeDone();
  }

  #push(writing: Writing): void {
    this.#waiting.push(writing);
    if (!this.#isWriting) this.#written = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const segment = await this.#roomyOne();
        await segment.append(Buffer.concat(group.map(({ line }) => line)));
        for (const { record, line, resolve } of group) {
          if (record[0] === "item") this.#ledger.add(record[1], segment.number, line.length);
          if (record[0] === "sealed") this.#ledger.seal({ idempotencyKey: record[1], ids: record[2] });
          resolve();
        }
      } catch (error) {
        const kept = group.filter(({ reject }) => !reject);
        for (const { reject } of group) reject?.(error);
        const isAnyNew = this.#waiting.some(({ reject }) => reject);
        this.#waiting.unshift(...kept);
        if (!isAnyNew) break;
      }
    }
    this.#isWriting = false;
  }

  /** The last segment, or a new one where that is full. */
  async #roomyOne(): Promise<Segment> {
    const { folder, isSynced, segmentBytes } = this.#options;
    if (this.#last && !this.#last.isSpoilt && this.#last.size < segmentBytes) return this.#last;
    await this.#endLast();
    this.#lastNumber += 1;
    const segment = await Segment.create(folder, this.#lastNumber, isSynced);
    this.#last = segment;
    await this.#removeDone();
    await this.#carryInto(segment);
    return segment;
  }

  async #endLast(): Promise<void> {
    const last = this.#last;
    if (!last) return;
    this.#last = undefined;
    this.#older.set(last.number, last.size);
    await last.close();
  }

  /** Removes segments from the oldest on, as far as all that they hold is done. */
  async #removeDone(): Promise<void> {
    for (const number of this.#older.keys()) {
      if (this.#ledger.itemsIn(number) > 0) return;
      await removeSegment(this.#options.folder, number);
      this.#older.delete(number);
    }
  }

  /** Writes the few items again that keep many bytes from being removed: files stay in proportion to what they hold. */
  async #carryInto(segment: Segment): Promise<void> {
    const { folder, segmentBytes } = this.#options;
    for (const number of this.#older.keys()) {
      const bytes = [...this.#older.values()].reduce((sum, size) => sum + size, 0);
      if (bytes <= 2 * this.#ledger.bytes + 2 * segmentBytes) return;
      const { records } = await readSegment(folder, number);
      const items = records.filter((record) => record[0] === "item" && this.#ledger.holds(record[1], number));
      const ids = items.map((record) => record[1] as number);
      const sealed = new Set(ids.map((id) => this.#ledger.sealedWith(id)).filter((whole) => whole !== undefined));
      const seals = [...sealed].map(({ idempotencyKey, ids }): SpillRecord => ["sealed", idempotencyKey, ids]);
      const lines = items.map((record) => Buffer.from(toLine(record)));
      await segment.append(Buffer.concat([...lines, ...seals.map((record) => Buffer.from(toLine(record)))]));
      items.forEach((_, index) => {
        const id = ids[index] as number;
        if (this.#ledger.holds(id, number)) this.#ledger.add(id, segment.number, (lines[index] as Buffer).length);
      });
      await this.#removeDone();
    }
  }
}

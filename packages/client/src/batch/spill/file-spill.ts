import { HeadgateError } from "@headgate/core";
import type { Leftovers, SealedItems, Spill, SpilledItem } from "../spill.ts";
import { FolderLock } from "./folder-lock.ts";
import { Ledger } from "./ledger.ts";
import { makeFolder } from "./make-folder.ts";
import { toLine } from "./record.ts";
import { diskError } from "./spill-error.ts";
import { SpillLog } from "./spill-log.ts";

export interface FileSpillOptions {
  /** Whether what was added outlasts the machine, and not only the process. Default: true. */
  readonly fsync?: boolean;
  /** Of the items that are kept: more are refused. Files take a few times that. Default: 256 MiB. */
  readonly maxBytes?: number;
  /** Of one file. Default: 8 MiB. */
  readonly segmentBytes?: number;
}

const MIB = 2 ** 20;

/** Keeps a batcher's items in a folder of its own, which is made where it is missing, until they are delivered. */
export function fileSpill(folder: string, options: FileSpillOptions = {}): Spill {
  return new FileSpill(folder, options);
}

class FileSpill implements Spill {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #ledger = new Ledger();
  readonly #log: SpillLog;
  #lock: FolderLock | undefined;
  /** Of items that are being written. */
  #bytesUnderWay = 0;

  constructor(folder: string, { fsync = true, maxBytes = 256 * MIB, segmentBytes = 8 * MIB }: FileSpillOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#log = new SpillLog({ folder, isSynced: fsync, segmentBytes }, this.#ledger);
  }

  async open(): Promise<Leftovers> {
    try {
      await makeFolder(this.#folder);
      this.#lock = FolderLock.take(this.#folder);
      return await this.#replay();
    } catch (error) {
      this.#lock?.release();
      throw error instanceof HeadgateError ? error : diskError(this.#folder, error);
    }
  }

  async append({ id, key, text }: SpilledItem): Promise<void> {
    const record = ["item", id, key, text] as const;
    const bytes = Buffer.byteLength(toLine(record));
    if (this.#ledger.bytes + this.#bytesUnderWay + bytes > this.#maxBytes) {
      throw new HeadgateError(
        "HG_SPILL_FULL",
        `${this.#folder} has no room for ${bytes} bytes more: maxBytes is ${this.#maxBytes}`,
      );
    }
    this.#bytesUnderWay += bytes;
    try {
      await this.#log.write(record);
    } finally {
      this.#bytesUnderWay -= bytes;
    }
  }

  async seal(sealed: SealedItems): Promise<void> {
    const [first = 0] = sealed.ids;
    if (this.#ledger.sealedWith(first)?.idempotencyKey === sealed.idempotencyKey) return;
    await this.#log.write(["sealed", sealed.idempotencyKey, sealed.ids]);
  }

  forget(ids: readonly number[]): void {
    if (ids.length === 0) return;
    this.#ledger.remove(ids);
    this.#log.note(["done", ids]);
  }

  async close(): Promise<void> {
    if (!this.#lock) return;
    await this.#log.close().finally(() => this.#lock?.release());
  }

  async #replay(): Promise<Leftovers> {
    const kept = new Map<number, SpilledItem>();
    const ledger = this.#ledger;
    const damaged = await this.#log.replay((record, segment) => {
      if (record[0] === "item") {
        const [, id, key, text] = record;
        kept.set(id, { id, key, text });
        ledger.add(id, segment, Buffer.byteLength(toLine(record)));
      } else if (record[0] === "sealed") {
        ledger.seal({ idempotencyKey: record[1], ids: record[2] });
      } else {
        for (const id of record[1]) kept.delete(id);
        ledger.remove(record[1]);
      }
    });
    const items = [...kept.values()].sort((one, other) => one.id - other.id);
    const sealed = new Set(items.map(({ id }) => ledger.sealedWith(id)).filter((whole) => whole !== undefined));
    return { items, sealed: [...sealed], nextId: ledger.nextId, damaged };
  }
}

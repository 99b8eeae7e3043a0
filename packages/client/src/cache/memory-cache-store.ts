import type { CacheEntry, CacheRecord } from "./cache-entry.ts";
import type { CacheStore } from "./cache-store.ts";

/** How much a store may hold. */
export interface MemoryCacheStoreOptions {
  /** Default 1 000. */
  readonly maxRecords?: number;
  /** Of keys, headers and bodies together, two for each character, which is the most it takes. Default 32 MiB. */
  readonly maxBytes?: number;
}

/** Keeps responses in this process. What has not been asked for the longest goes first. */
export class MemoryCacheStore implements CacheStore {
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  /** In the order of use, the latest last. */
  readonly #records = new Map<string, { readonly record: CacheRecord; readonly bytes: number }>();
  #bytes = 0;

  constructor({ maxRecords = 1_000, maxBytes = 32 * 2 ** 20 }: MemoryCacheStoreOptions = {}) {
    this.#maxRecords = maxRecords;
    this.#maxBytes = maxBytes;
  }

  get(key: string): CacheRecord | undefined {
    const kept = this.#records.get(key);
    if (!kept) return undefined;
    this.#records.delete(key);
    this.#records.set(key, kept);
    return kept.record;
  }

  /** Of a record that is larger than all it may hold, the newest entries are kept. */
  set(key: string, record: CacheRecord): void {
    this.delete(key);
    const bytes = 2 * record.reduce((sum, entry) => sum + lengthOf(entry), key.length);
    if (bytes > this.#maxBytes) {
      if (record.length > 1) this.set(key, record.slice(0, -1));
      return;
    }
    this.#records.set(key, { record, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= this.#maxRecords && this.#bytes <= this.#maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#records.get(key)?.bytes ?? 0;
    this.#records.delete(key);
  }
}

function lengthOf({ url, body, asked, headers, vary }: CacheEntry): number {
  return url.length + body.length + [asked, headers, vary].join().length;
}

import type { CacheRecord } from "./cache-entry.ts";

/**
 * Where a cache keeps responses: a `Map`, or anything like one, which may take its time. Keys hold URLs with their queries,
 * and records hashes of what tells who is asking. Each call waits for the store to answer, so a remote one needs a timeout
 * of its own.
 */
export interface CacheStore {
  get(key: string): CacheRecord | undefined | Promise<CacheRecord | undefined>;
  set(key: string, record: CacheRecord): unknown;
  delete(key: string): unknown;
}

export type { CacheEntry, CacheRecord } from "./cache-entry.ts";
export type { CacheStore } from "./cache-store.ts";
export { cached } from "./cached.ts";
export type { KeptResponse } from "./kept-response.ts";
export { MemoryCacheStore, type MemoryCacheStoreOptions } from "./memory-cache-store.ts";
export { type CacheUse, ResponseCache, type ResponseCacheOptions } from "./response-cache.ts";

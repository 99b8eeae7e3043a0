import type { KeptResponse } from "./kept-response.ts";

/** A response, and which requests it answers. */
export interface CacheEntry extends KeptResponse {
  /** The request headers that `Vary` names, with what they were; null where they were missing. */
  readonly vary: readonly (readonly [name: string, value: string | null])[];
}

/** What a key of a store leads to: the responses that `Vary` tells apart, the newest first. */
export type CacheRecord = readonly CacheEntry[];

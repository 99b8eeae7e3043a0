import type { KeptResponse } from "./kept-response.ts";

/** A response, and which requests it answers. */
export interface CacheEntry extends KeptResponse {
  /** The request headers that `Vary` names, in lower case. */
  readonly vary: readonly string[];
  /** How fetch was told to send cookies, and a hash of who asked and of what those headers were, if there was any of it. */
  readonly asked: string;
}

/** What is kept of a URL, for whomever: so what outdates it outdates all of it. The newest comes first. */
export type CacheRecord = readonly CacheEntry[];

import type { Fetch } from "../fetch.ts";
import type { ResponseCache } from "./response-cache.ts";

/** A fetch that answers from a cache where it can. */
export function cached(send: Fetch, cache: ResponseCache): Fetch {
  return function cachedFetch(input, init) {
    return cache.fetch(input, init, send);
  };
}

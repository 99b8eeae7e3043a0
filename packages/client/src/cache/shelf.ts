import { tellListener } from "../listener.ts";
import type { CacheEntry } from "./cache-entry.ts";
import type { CacheStore } from "./cache-store.ts";
import { Digests } from "./digests.ts";
import { headersOf, type KeptResponse } from "./kept-response.ts";
import { varyNames } from "./storable.ts";

/** How many responses are kept of a URL, to all callers and where `Vary` tells them apart: stores read and write them as one. */
const MOST_ENTRIES = 32;

/** Where the answers to a caller are. */
export interface Place {
  /** The record's in the store: all that is kept of a URL. */
  readonly key: string;
  /** What tells who is asking, which may be a secret; empty for nobody. */
  readonly caller: string;
  /** How fetch was told to send cookies, which it does not show. */
  readonly cookies: Request["credentials"];
}

/** The key of what is kept of a URL, whoever asks. */
export function keyOf(url: string): string {
  const [whole] = url.split("#");
  return `headgate-2 ${whole}`;
}

/**
 * A store as the cache uses it. Answers to one caller are out of reach of any other, and what tells who is asking is in the
 * store as a hash alone. A store that fails fails no call.
 */
export class Shelf {
  readonly #store: CacheStore;
  readonly #onStoreError: ((error: unknown) => void) | undefined;
  readonly #digests = new Digests();

  constructor(store: CacheStore, onStoreError: ((error: unknown) => void) | undefined) {
    this.#store = store;
    this.#onStoreError = onStoreError;
  }

  /** The newest response to the caller that fits what the request says where responses vary (RFC 9111, section 4.1). */
  async find(place: Place, { headers }: Request): Promise<CacheEntry | undefined> {
    return this.#try(async () => {
      for (const entry of (await this.#store.get(place.key)) ?? [])
        if (entry.asked === (await this.#asked(place, entry.vary, headers))) return entry;
      return undefined;
    });
  }

  /** Puts the answer to a request before those that it does not replace, unless it is outdated at the last moment. */
  async put(place: Place, kept: KeptResponse, { headers }: Request, isCurrent: () => boolean): Promise<void> {
    await this.#try(async () => {
      const vary = varyNames(headersOf(kept));
      const asked = await this.#asked(place, vary, headers);
      const record = (await this.#store.get(place.key)) ?? [];
      if (!isCurrent()) return;
      const others = record.filter((entry) => entry.asked !== asked);
      await this.#store.set(place.key, [{ ...kept, vary, asked }, ...others].slice(0, MOST_ENTRIES));
    });
  }

  async clear(key: string): Promise<void> {
    await this.#try(async () => this.#store.delete(key));
  }

  async #asked({ caller, cookies }: Place, vary: readonly string[], headers: Headers): Promise<string> {
    const shown = [caller, ...vary.map((name) => [name, headers.get(name)])];
    return `${cookies} ${shown.join() && (await this.#digests.of(JSON.stringify(shown)))}`;
  }

  async #try<Result>(use: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await use();
    } catch (error) {
      tellListener(this.#onStoreError, error);
      return undefined;
    }
  }
}

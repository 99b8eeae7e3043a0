import { tellListener } from "../listener.ts";
import type { CacheEntry } from "./cache-entry.ts";
import type { CacheStore } from "./cache-store.ts";
import { tellsCaller } from "./credentials.ts";
import { Digests } from "./digests.ts";
import { headersOf, type KeptResponse } from "./kept-response.ts";
import { varyNames } from "./storable.ts";

/** How many responses are kept under one key that `Vary` tells apart. */
const MOST_VARIANTS = 8;

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

  /** Where answers to a GET of `url` are, by who presents `credential`, and cookies as fetch is told to. */
  async keyOf(url: string, credential: string, cookies: Request["credentials"]): Promise<string> {
    const [whole] = url.split("#");
    return `headgate-1 ${cookies} ${credential && (await this.#digests.of(credential))} ${whole}`;
  }

  /** The newest response that fits what the request says where responses vary (RFC 9111, section 4.1). */
  async find(key: string, { headers }: Request): Promise<CacheEntry | undefined> {
    return this.#try(async () => {
      for (const entry of (await this.#store.get(key)) ?? []) {
        const shown = await this.#shown(
          entry.vary.map(([name]) => name),
          headers,
        );
        if (isSame(shown, entry.vary)) return entry;
      }
      return undefined;
    });
  }

  /** Puts the answer to a request before those that it does not replace. */
  async put(key: string, kept: KeptResponse, { headers }: Request): Promise<void> {
    await this.#try(async () => {
      const vary = await this.#shown(varyNames(headersOf(kept)), headers);
      const record = vary.length > 0 ? ((await this.#store.get(key)) ?? []) : [];
      const others = record.filter((entry) => !isSame(entry.vary, vary));
      await this.#store.set(key, [{ ...kept, vary }, ...others].slice(0, MOST_VARIANTS));
    });
  }

  async clear(key: string): Promise<void> {
    await this.#try(async () => this.#store.delete(key));
  }

  async #shown(names: readonly string[], headers: Headers): Promise<CacheEntry["vary"]> {
    return Promise.all(
      names.map(async (name) => {
        const value = headers.get(name);
        return [name, value !== null && tellsCaller(name) ? await this.#digests.of(value) : value] as const;
      }),
    );
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

function isSame(one: CacheEntry["vary"], other: CacheEntry["vary"]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

import type { CacheStore } from "../../src/cache/cache-store.ts";
import { ResponseCache, type ResponseCacheOptions } from "../../src/cache/response-cache.ts";
import type { Fetch } from "../../src/fetch.ts";

export const START = Date.parse("2031-01-01T00:00:00Z");
export const URL_ = "https://api.example/things";

/** An origin that notes what it is asked, a cache before it, and a clock in the test's hand. */
export interface Rig {
  readonly clock: { at: number; readonly now: () => number };
  readonly asked: Request[];
  /** What it answers with; a new response each time. */
  answer: (request: Request) => Response | Promise<Response>;
  /** Sends a request through the cache; gives the response and where it was from. */
  get(init?: RequestInit & { readonly url?: string }): Promise<{ response: Response; use: string | undefined }>;
}

/** Opens one, with this store and these options where they are given. */
export function openRig({ store, ...options }: ResponseCacheOptions & { readonly store?: CacheStore } = {}): Rig {
  const clock = { at: START, now: () => clock.at };
  const cache = new ResponseCache(store, { clock, ...options });
  const asked: Request[] = [];
  const rig: Rig = {
    clock,
    asked,
    answer: () => new Response("{}"),
    async get({ url = URL_, ...init } = {}) {
      let use: string | undefined;
      const send: Fetch = async (input, own) => {
        const request = new Request(input, own);
        asked.push(request);
        return rig.answer(request);
      };
      const tell = (from: string): void => {
        use = from;
      };
      const response = await cache.fetch(url, init, send, { tell });
      return { response, use };
    },
  };
  return rig;
}

/** The text of an answer, and where it was from. */
export async function textOf(
  got: Promise<{ response: Response; use: string | undefined }>,
): Promise<[string, unknown]> {
  const { response, use } = await got;
  return [await response.text(), use];
}

import { HeadgateError } from "@headgate/core";
import type { Clock } from "../clock.ts";
import { type Fetch, type FetchInput, methodOf, requestOf, urlOf } from "../fetch.ts";
import { systemClock } from "../system-clock.ts";
import { abortable } from "./abortable.ts";
import type { CacheStore } from "./cache-store.ts";
import { credentialsOf } from "./callers.ts";
import { changedUrls } from "./changed-urls.ts";
import { type ExchangeSettings, exchange, type Outcome, type Question } from "./exchange.ts";
import type { Flight } from "./flight.ts";
import { Flights } from "./flights.ts";
import { useOf } from "./freshness.ts";
import { toResponse } from "./kept-response.ts";
import { MemoryCacheStore } from "./memory-cache-store.ts";
import { keyOf, type Place, Shelf } from "./shelf.ts";
import { isOnItsOwn, wishesOf } from "./wishes.ts";

/** Settings of a cache, each with a default. */
export interface ResponseCacheOptions {
  /** How long the successful answers of an API are fresh that says nothing of it, ms. Default: only as RFC 9111 guesses. */
  readonly defaultTtlMs?: number;
  /** What is larger is not kept. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * Who is asking. Default: all headers but those that surely do not say so, and what the `credential` of `obey` makes of the
   * request. What is kept of it is a hash.
   */
  readonly credential?: (request: Request) => string;
  /** Is told when the store fails. The call goes on as if nothing were stored. */
  readonly onStoreError?: (error: unknown) => void;
  readonly clock?: Pick<Clock, "now">;
}

/** Where an answer is from: stored, stored and confirmed by a 304, stored and past its time, or asked for by another call. */
export type CacheUse = "fresh" | "revalidated" | "stale" | "shared";

/** What one call may say besides. */
export interface Asking {
  /** Is told where the answer is from, where it need not be asked for. */
  readonly tell?: (use: CacheUse) => void;
  /** What more tells who is asking, where the cache has no `credential` of its own. */
  readonly credential?: ((request: Request) => string) | undefined;
}

/**
 * A private cache (RFC 9111) for GET. It asks with an ETag whether what it has still holds, and shows the 304 as the 200
 * that it confirms; honours what requests and responses say in `Cache-Control`; keeps apart who is asking; and sends
 * requests that are the same but once while they are under way, where the answer may be stored. What brings an
 * `If-None-Match`, a `Range` or the like of its own goes past it. Browsers do not show it cookies: where callers differ by
 * those alone, each needs its own cache. Pages without TLS have nothing to hash credentials with, and so no cache.
 */
export class ResponseCache {
  readonly #shelf: Shelf;
  readonly #settings: ExchangeSettings;
  readonly #credential: ((request: Request) => string) | undefined;
  readonly #flights = new Flights();

  constructor(store: CacheStore = new MemoryCacheStore(), options: ResponseCacheOptions = {}) {
    const { defaultTtlMs, maxBodyBytes = 2 ** 20, clock = systemClock } = options;
    this.#shelf = new Shelf(store, options.onStoreError);
    this.#settings = { defaultTtlMs, maxBodyBytes, clock };
    this.#credential = options.credential;
  }

  /** Answers a call of a fetch, with `send` where it must be asked: that is given what the caller gave. */
  async fetch(
    input: FetchInput,
    init: RequestInit | undefined,
    send: Fetch,
    { tell, credential }: Asking = {},
  ): Promise<Response> {
    const method = methodOf(input, init);
    if (method !== "GET") return this.#change(urlOf(input).href, method, await send(input, init));
    const request = requestOf(input, init);
    const wishes = wishesOf(request);
    if (!crypto.subtle || wishes.has("no-store") || isOnItsOwn(request)) return send(input, init);
    const caller = this.#credential?.(request) ?? credentialsOf(request, credential);
    const place = { key: keyOf(request.url), caller, cookies: request.credentials };
    const known = await abortable(this.#shelf.find(place, request), request.signal);
    const question: Question = { request, wishes, send: (own) => send(input, { ...init, ...own }), known };
    const now = this.#settings.clock.now();
    const use = known && useOf(known, wishes, now);
    if (known && use) {
      if (use === "refreshing") this.#refresh(place, question);
      tell?.(use === "fresh" ? "fresh" : "stale");
      return toResponse(known, now - known.bornAt);
    }
    if (wishes.has("only-if-cached")) return new Response(null, { status: 504, statusText: "Gateway Timeout" });
    return this.#ask(place, question, tell);
  }

  /** Asks for news that nobody waits for, unless that is under way already. */
  async #refresh(place: Place, question: Question): Promise<void> {
    if (this.#flights.find(place, question.request)) return;
    const flight = this.#depart(place, question);
    const { signal } = new AbortController();
    const outcome = await flight.share(signal).catch(() => undefined);
    if (outcome && "response" in outcome && flight.claim(signal)) await outcome.response.body?.cancel().catch(() => {});
  }

  async #ask(place: Place, question: Question, tell: Asking["tell"]): Promise<Response> {
    const { request, wishes, send } = question;
    // Who wants to know anew does not want what another has asked before.
    const other = wishes.has("no-cache") ? undefined : this.#flights.find(place, request);
    const flight = other ?? this.#depart(place, question);
    const outcome = await flight.share(request.signal).catch((error: unknown) => {
      // It is the other caller whose patience is at an end.
      if (other && error instanceof HeadgateError) return undefined;
      throw error;
    });
    if (outcome && "kept" in outcome) {
      const use = other ? "shared" : outcome.use;
      if (use !== "new") tell?.(use);
      return toResponse(outcome.kept);
    }
    return outcome && flight.claim(request.signal) ? outcome.response : send({});
  }

  /** Sends a request on its way. What comes of it is stored, unless it is outdated by then. */
  #depart(place: Place, question: Question): Flight<Outcome> {
    const { request } = question;
    return this.#flights.depart(place, request, async (signal, isCurrent) => {
      const outcome = await exchange(question, this.#settings, signal);
      if ("kept" in outcome && outcome.use !== "stale") await this.#shelf.put(place, outcome.kept, request, isCurrent);
      return outcome;
    });
  }

  /** What changes a resource outdates what is known of it (section 4.4), and what is being asked, by whomever. */
  async #change(url: string, method: string, response: Response): Promise<Response> {
    for (const changed of changedUrls(url, method, response)) {
      const key = keyOf(changed);
      this.#flights.clear(key);
      await this.#shelf.clear(key);
    }
    return response;
  }
}

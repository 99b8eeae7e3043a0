import { HeadgateError } from "@headgate/core";
import type { Clock } from "../clock.ts";
import { systemClock } from "../system-clock.ts";
import { abortable } from "./abortable.ts";
import type { CacheStore } from "./cache-store.ts";
import { changedUrls } from "./changed-urls.ts";
import { credentialsOf } from "./credentials.ts";
import { type ExchangeSettings, exchange, type Outcome, type Question, type Send } from "./exchange.ts";
import { Flight } from "./flight.ts";
import { useOf } from "./freshness.ts";
import { toResponse } from "./kept-response.ts";
import { MemoryCacheStore } from "./memory-cache-store.ts";
import { Shelf } from "./shelf.ts";
import { isOnItsOwn, wishesOf } from "./wishes.ts";

/** Settings of a cache, each with a default. */
export interface ResponseCacheOptions {
  /** How long the successful answers of an API are fresh that says nothing of it, ms. Default: only as RFC 9111 guesses. */
  readonly defaultTtlMs?: number;
  /** What is larger is not kept. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Who is asking. Default: all headers that may say so, by their names. What is kept of it is a hash. */
  readonly credential?: (request: Request) => string;
  /** Is told when the store fails. The call goes on as if nothing were stored. */
  readonly onStoreError?: (error: unknown) => void;
  readonly clock?: Pick<Clock, "now">;
}

/** Where an answer is from: stored, stored and confirmed by a 304, stored and past its time, or asked for by another call. */
export type CacheUse = "fresh" | "revalidated" | "stale" | "shared";

/**
 * A private cache (RFC 9111) for GET. It asks with an ETag whether what it has still holds, and shows the 304 as the 200
 * that it confirms; honours what requests and responses say in `Cache-Control`; keeps apart who is asking; and sends
 * requests that are the same but once while they are under way. What brings an `If-None-Match`, a `Range` or the like of its
 * own goes past it. Browsers do not show it cookies: where callers differ by those alone, each needs its own cache. Pages
 * without TLS have nothing to hash credentials with, and so no cache.
 */
export class ResponseCache {
  readonly #shelf: Shelf;
  readonly #settings: ExchangeSettings;
  readonly #credential: (request: Request) => string;
  /** By all of the request that could decide about its answer. */
  readonly #flights = new Map<string, { readonly key: string; readonly flight: Flight<Outcome> }>();

  constructor(store: CacheStore = new MemoryCacheStore(), options: ResponseCacheOptions = {}) {
    const { defaultTtlMs, maxBodyBytes = 2 ** 20, clock = systemClock } = options;
    this.#shelf = new Shelf(store, options.onStoreError);
    this.#settings = { defaultTtlMs, maxBodyBytes, clock };
    this.#credential = options.credential ?? credentialsOf;
  }

  /** Answers a request, with `send` where it must be asked, and tells where the answer is from where it need not be. */
  async fetch(request: Request, send: Send, tell: (use: CacheUse) => void = () => {}): Promise<Response> {
    if (!crypto.subtle) return send(request);
    if (request.method !== "GET") return this.#change(request, send);
    const wishes = wishesOf(request);
    if (wishes.has("no-store") || isOnItsOwn(request)) return send(request);
    const key = await this.#keyOf(request);
    const known = await abortable(this.#shelf.find(key, request), request.signal);
    const question = { request, wishes, send, known };
    const now = this.#settings.clock.now();
    const use = known && useOf(known, wishes, now);
    if (known && use) {
      if (use === "refreshing") this.#refresh(key, question);
      tell(use === "fresh" ? "fresh" : "stale");
      return toResponse(known, now - known.bornAt);
    }
    if (wishes.has("only-if-cached")) return new Response(null, { status: 504, statusText: "Gateway Timeout" });
    return this.#ask(key, question, tell);
  }

  /** Asks for news that nobody waits for, unless that is under way already. */
  async #refresh(key: string, question: Question): Promise<void> {
    if (this.#flights.has(flightId(key, question.request))) return;
    const flight = this.#depart(key, question);
    const { signal } = new AbortController();
    const outcome = await flight.share(signal).catch(() => undefined);
    if (outcome && "response" in outcome && flight.claim(signal)) await outcome.response.body?.cancel().catch(() => {});
  }

  async #ask(key: string, question: Question, tell: (use: CacheUse) => void): Promise<Response> {
    const { request, wishes, send } = question;
    // Who wants to know anew does not want what another has asked before.
    const other = wishes.has("no-cache") ? undefined : this.#flights.get(flightId(key, request))?.flight;
    const flight = other && !other.isGivenUp ? other : this.#depart(key, question);
    const isShared = flight === other;
    const outcome = await flight.share(request.signal).catch((error: unknown) => {
      // It is the other caller whose patience is at an end.
      if (isShared && error instanceof HeadgateError) return undefined;
      throw error;
    });
    if (outcome && "kept" in outcome) {
      if (isShared) tell("shared");
      else if (outcome.use !== "new") tell(outcome.use);
      return toResponse(outcome.kept);
    }
    return outcome && flight.claim(request.signal) ? outcome.response : send(request);
  }

  /** Sends a request on its way. What comes of it is stored, unless it is outdated by then. */
  #depart(key: string, question: Question): Flight<Outcome> {
    const id = flightId(key, question.request);
    const flight: Flight<Outcome> = new Flight(async (signal) => {
      try {
        const outcome = await exchange(question, this.#settings, signal);
        const isCurrent = this.#flights.get(id)?.flight === flight;
        if (isCurrent && "kept" in outcome && outcome.use !== "stale")
          await this.#shelf.put(key, outcome.kept, question.request);
        return outcome;
      } finally {
        if (this.#flights.get(id)?.flight === flight) this.#flights.delete(id);
      }
    });
    this.#flights.set(id, { key, flight });
    return flight;
  }

  /** What changes a resource outdates what is known of it (section 4.4), and what is being asked, to this caller. */
  async #change(request: Request, send: Send): Promise<Response> {
    const response = await send(request);
    for (const url of changedUrls(request, response)) {
      const key = await this.#keyOf(request, url);
      for (const [id, flight] of this.#flights) if (flight.key === key) this.#flights.delete(id);
      await this.#shelf.clear(key);
    }
    return response;
  }

  #keyOf(request: Request, url: string = request.url): Promise<string> {
    return this.#shelf.keyOf(url, this.#credential(request), request.credentials);
  }
}

function flightId(key: string, { headers, redirect, mode }: Request): string {
  return `${key} ${redirect} ${mode} ${JSON.stringify([...headers])}`;
}

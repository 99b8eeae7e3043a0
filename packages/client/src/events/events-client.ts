import { Batcher } from "../batch/batcher.ts";
import type { BatcherOptions } from "../batch/batcher-options.ts";
import { jsonList } from "../batch/envelope.ts";
import { sendJson } from "../batch/send.ts";
import { ResponseCache } from "../cache/response-cache.ts";
import type { Fetch } from "../fetch.ts";
import { type ObeyingFetch, obey } from "../obey.ts";
import type { ObeyOptions } from "../options.ts";
import { systemClock } from "../system-clock.ts";
import { eventStream, type StreamSettings } from "./event-stream.ts";
import type { BatchReport, Event, EventList, NewEvent, Verdict } from "./events-api.ts";
import { type CallSettings, EventsConnection, type QueryOf } from "./events-connection.ts";
import { EventsExports } from "./events-exports.ts";
import { EventsWebhooks } from "./events-webhooks.ts";
import { itemsOf } from "./pages.ts";

/** Where the events API is, who asks, and how: all that {@link obey} takes. */
export interface EventsClientOptions extends Omit<ObeyOptions, "idempotencyKeys" | "cache"> {
  /** Such as `https://events.example.com`, without `/v1`. */
  readonly url: string | URL;
  /** An API key or a token, sent as bearer. */
  readonly key?: string;
  /** Headers of each request besides, such as for a policy that reads keys elsewhere. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Keeps what has not changed. Default: one in memory; false for none. */
  readonly cache?: ResponseCache | false;
  /** Default: the platform's. */
  readonly fetch?: Fetch;
}

/** Settings of adding events. */
export interface SendSettings extends CallSettings {
  /** Under which they are added once within a day, however often they are sent. Default: a new one for each call. */
  readonly idempotencyKey?: string;
}

/**
 * A client of the events API. It waits where the API is limited, sends what got no answer again under the same key, and
 * keeps what has not changed. What the API refuses is thrown as `EventsApiError`.
 */
export class EventsClient {
  readonly webhooks: EventsWebhooks;
  readonly exports: EventsExports;
  readonly #connection: EventsConnection;

  constructor({ url, key, headers, cache, fetch = globalThis.fetch, ...options }: EventsClientOptions) {
    const { clock = systemClock } = options;
    const known = cache ?? new ResponseCache(undefined, { clock });
    const api = obey((input, init) => fetch(input, init), { ...options, ...(known && { cache: known }) });
    const all = { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers };
    this.#connection = new EventsConnection(url, all, api, clock);
    this.webhooks = new EventsWebhooks(this.#connection);
    this.exports = new EventsExports(this.#connection);
  }

  /** Adds an event. When this resolves it is on disk. */
  send(event: NewEvent, settings: SendSettings = {}): Promise<Event> {
    const { idempotencyKey, ...others } = settings;
    return this.#connection.call("POST /v1/events", { body: event, headers: keyed(idempotencyKey) }, others);
  }

  /** Adds events with one request, at most 100 unless the API's policy says otherwise. Some of them may be rejected. */
  sendAll(events: readonly NewEvent[], settings: SendSettings = {}): Promise<BatchReport> {
    const { idempotencyKey, ...others } = settings;
    return this.#connection.call("POST /v1/events/batch", { body: { events }, headers: keyed(idempotencyKey) }, others);
  }

  /** Opens a batcher, which collects events and adds them together, in order. It is to be closed at the end. */
  batcher(options: Partial<BatcherOptions<NewEvent>> = {}): Batcher<NewEvent> {
    const { api, headers } = this.#connection;
    const send = sendJson(api, this.#connection.urlOf("/v1/events/batch"), headers);
    return new Batcher({ send, envelope: jsonList("events"), ...options });
  }

  /** Goes through events, page by page: the newest first, or with `order: "asc"` the oldest. */
  list(filter: QueryOf<"GET /v1/events"> = {}, settings?: CallSettings): AsyncGenerator<Event> {
    return itemsOf((cursor) => this.page({ ...filter, ...cursor }, settings));
  }

  /** One page of events. With `order: "asc"` its `next_cursor` is where to look for what comes, next week too. */
  page(query: QueryOf<"GET /v1/events"> = {}, settings?: CallSettings): Promise<EventList> {
    return this.#connection.call("GET /v1/events", { query }, settings);
  }

  /** What a widget shows, for the key of a client that has a widget token. */
  widget(filter: QueryOf<"GET /v1/widget/events"> = {}, settings?: CallSettings): AsyncGenerator<Event> {
    return itemsOf((cursor) => {
      return this.#connection.call("GET /v1/widget/events", { query: { ...filter, ...cursor } }, settings);
    });
  }

  get(id: string, settings?: CallSettings): Promise<Event> {
    return this.#connection.call("GET /v1/events/{id}", { path: { id } }, settings);
  }

  /** Events as they are committed, without gaps, until the signal aborts; then it throws the signal's reason. */
  stream(filter: QueryOf<"GET /v1/events/stream"> = {}, settings: StreamSettings = {}): AsyncGenerator<Event> {
    return eventStream(this.#connection, filter, settings);
  }

  /** Whether all events are as they were written. It takes as long as reading them does. */
  verify(settings?: CallSettings): Promise<Verdict> {
    return this.#connection.call("GET /v1/verify", {}, settings);
  }

  /** What is known of the API's limits. */
  limits(): ReturnType<ObeyingFetch["limits"]> {
    return this.#connection.api.limits();
  }

  /** Ends what is shared with other processes or tabs. */
  close(): void {
    this.#connection.api.close();
  }
}

function keyed(idempotencyKey: string | undefined): { readonly "Idempotency-Key"?: string } {
  return idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey };
}

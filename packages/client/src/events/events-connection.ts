import type { CallInit } from "../call.ts";
import type { Clock } from "../clock.ts";
import type { ObeyingFetch } from "../obey.ts";
import { withIdempotencyKey } from "../waiting/idempotency-key.ts";
import { jsonOf } from "../waiting/refusal-body.ts";
import type { EventsOperations } from "./events-api.ts";
import { jsonIn, toEventsApiError } from "./events-api-error.ts";

/** What can be asked of the API, such as `"GET /v1/events/{id}"`. */
export type Operation = keyof EventsOperations;

/** What an operation takes, and what it is answered with. */
export type InputOf<Name extends Operation> = Omit<EventsOperations[Name], "answer">;
export type AnswerOf<Name extends Operation> = EventsOperations[Name]["answer"];
/** What the query of an operation may hold. */
export type QueryOf<Name extends Operation> = NonNullable<
  EventsOperations[Name] extends { readonly query?: infer Query } ? Query : never
>;

/** What each call may have besides: `obey` is for this call alone. */
export type CallSettings = Pick<CallInit, "signal" | "obey">;

/** Input of any operation, as it is put into a request. */
interface AnyInput {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: object;
  readonly headers?: object;
  readonly body?: object;
}

/** Where the API is, and how to ask it: operations by their names in its description, which say what they take. */
export class EventsConnection {
  readonly api: ObeyingFetch;
  readonly clock: Clock;
  /** Of each request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #url: string;

  constructor(url: string | URL, headers: Readonly<Record<string, string>>, api: ObeyingFetch, clock: Clock) {
    this.#url = String(url).replace(/\/+$/, "");
    this.headers = headers;
    this.api = api;
    this.clock = clock;
  }

  /** Asks, and reads the answer. Throws `EventsApiError` where the API refuses, or answers what is no JSON. */
  async call<Name extends Operation>(
    operation: Name,
    input: InputOf<Name>,
    settings: CallSettings = {},
  ): Promise<AnswerOf<Name>> {
    const response = await this.send(operation, input, settings);
    const text = await response.text();
    return (text === "" ? undefined : jsonIn(text, response)) as AnswerOf<Name>;
  }

  /** Asks, and gives the answer as it comes. */
  async send<Name extends Operation>(operation: Name, input: InputOf<Name>, settings: CallInit): Promise<Response> {
    const [method = "", template = ""] = operation.split(" ");
    const { path = {}, query = {}, headers, body } = input as AnyInput;
    const url = this.urlOf(template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? "")));
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const init = {
      ...settings,
      method,
      headers: { ...this.headers, ...(body && { "content-type": "application/json" }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    };
    return this.fetch(url, template.startsWith("/v1/events") ? withIdempotencyKey(url, init) : init);
  }

  /** Asks for a URL. Throws where that is refused. */
  async fetch(url: URL, init: CallInit | undefined): Promise<Response> {
    const response = await this.api(url, init);
    if (!response.ok) throw toEventsApiError(response, await jsonOf(response, this.clock));
    return response;
  }

  /** Where a path of the API is, or whatever URL it names. */
  urlOf(path: string): URL {
    return new URL(path.startsWith("/") ? this.#url + path : path);
  }
}

import type { Identity } from "@headgate/control";
import type { Awaitable } from "@headgate/core";
import type { TSchema } from "typebox";
import type { EventsAnswer } from "./answer.ts";
import type { EventsRequest } from "./request.ts";

/** One operation of the API: where it is, whom it is for, what it does, and what its description says. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** As OpenAPI writes it: `/v1/events/{id}`. */
  readonly path: string;
  /** `account`: a key, or an access token. `widget`: a widget token. `anyone`: also without a credential. */
  readonly audience: "account" | "widget" | "anyone";
  /** What the query may hold: an object schema; nothing where there is none. */
  readonly query?: TSchema;
  /** The body's schema, for bodies that are small and read as a whole. See {@link Call.body}. */
  readonly body?: TSchema;
  readonly operation: Operation;
  handle(call: Call): Awaitable<EventsAnswer>;
}

/** A request to a route. */
export interface Call {
  readonly request: EventsRequest;
  /** The path's parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** Epoch ms. */
  readonly now: number;
  /** The query, held to the route's schema. Numbers and truths are read; a parameter that came twice is refused. */
  readonly query: Readonly<Record<string, unknown>>;
  /** The body, held to the route's schema; undefined where the route has none. */
  readonly body: unknown;
  /** Who is calling. Throws for strangers, whom only routes for anyone get to see. */
  readonly identity: Identity;
  readonly accountId: string;
}

/** What the API's description says of a route. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /** The body where {@link Route.body} does not say: its schema as it is documented. */
  readonly requestBody?: TSchema;
  /** What it is answered with where it is carried out. */
  readonly answers: Readonly<Record<number, DescribedAnswer>>;
  /** Statuses of its problems, besides those that any route may be refused with. */
  readonly problems?: readonly number[];
  /** Headers that it takes. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DescribedAnswer {
  readonly description: string;
  /** Media types and schema; none for an answer without a body. */
  readonly type?: string | readonly string[];
  readonly schema?: TSchema;
  readonly headers?: Readonly<Record<string, string>>;
}

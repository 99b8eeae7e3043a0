import type { Awaitable } from "@headgate/core";
import createRouter, { type HTTPMethod } from "find-my-way";
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { isFailure, problemAnswer, Refusal } from "../problem.ts";
import { type EventsAnswer, UNAUTHENTICATED } from "./answer.ts";
import { readBody, readQuery } from "./input.ts";
import type { EventsRequest } from "./request.ts";
import type { Call, Route } from "./route.ts";

/** What is noted of an error that should not be. */
export type OnFailure = (path: string, error: unknown) => void;

/** A route with its schemas compiled. */
interface Mounted {
  readonly route: Route;
  readonly query: Validator | undefined;
  readonly body: Validator | undefined;
}

const METHODS: readonly HTTPMethod[] = ["GET", "HEAD", "POST", "PATCH", "DELETE"];

/** Finds the route of a request, sees to it that it may be there, and has it answered. */
export class Router {
  readonly #routes = createRouter({ ignoreTrailingSlash: true });
  readonly #mounted: Mounted[] = [];
  readonly #clock: () => number;
  readonly #onFailure: OnFailure;

  constructor(routes: readonly Route[], clock: () => number, onFailure: OnFailure) {
    this.#clock = clock;
    this.#onFailure = onFailure;
    for (const route of routes) {
      const index = this.#mounted.push({
        route,
        query: route.query && Compile(route.query),
        body: route.body && Compile(route.body),
      });
      this.#routes.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ":$1"), () => {}, { index: index - 1 });
    }
  }

  /** Answers a request; errors are answers too. HEAD is answered as GET. */
  answer(request: EventsRequest): Awaitable<EventsAnswer | typeof UNAUTHENTICATED> {
    try {
      const answer = this.#dispatch(request);
      return answer instanceof Promise ? answer.catch((error: unknown) => this.#refuse(request, error)) : answer;
    } catch (error) {
      return this.#refuse(request, error);
    }
  }

  #dispatch(request: EventsRequest): Awaitable<EventsAnswer | typeof UNAUTHENTICATED> {
    const method = request.method === "HEAD" ? "GET" : request.method;
    const found = this.#routes.find(method as HTTPMethod, request.path);
    if (!found) throw this.#unknown(request.path);
    const mounted = this.#mounted[(found.store as { index: number }).index] as Mounted;
    const { audience } = mounted.route;
    const { identity } = request;
    if (audience !== "anyone") {
      if (!identity) return UNAUTHENTICATED;
      if (identity.isWidget !== (audience === "widget")) throw wrongCredential(audience);
    }
    return mounted.route.handle(
      new RoutedCall(request, found.params as Record<string, string>, this.#clock(), mounted),
    );
  }

  #refuse(request: EventsRequest, error: unknown): EventsAnswer {
    if (isFailure(error)) this.#onFailure(request.path, error);
    return problemAnswer(error);
  }

  #unknown(path: string): Refusal {
    const allowed = METHODS.filter((method) => this.#routes.find(method === "HEAD" ? "GET" : method, path));
    if (allowed.length === 0) return new Refusal("HG_EVENTS_PATH", `there is nothing at ${path.slice(0, 200)}`);
    const headers = ["Allow", allowed.join(", ")];
    return new Refusal("HG_EVENTS_METHOD", `${path} takes ${allowed.join(", ")}`, { headers });
  }
}

class RoutedCall implements Call {
  readonly request: EventsRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly now: number;
  readonly #mounted: Mounted;

  constructor(request: EventsRequest, params: Readonly<Record<string, string>>, now: number, mounted: Mounted) {
    this.request = request;
    this.params = params;
    this.now = now;
    this.#mounted = mounted;
  }

  get query(): Readonly<Record<string, unknown>> {
    const { query, route } = this.#mounted;
    return readQuery(this.request.query, route.query as TSchema, query);
  }

  get body(): unknown {
    const { body } = this.#mounted;
    return body && readBody(this.request, body);
  }

  get identity() {
    const { identity } = this.request;
    if (!identity) throw new Error("a route for anyone asked who is calling");
    return identity;
  }

  get accountId(): string {
    return this.identity.accountId;
  }
}

function wrongCredential(audience: "account" | "widget"): Refusal {
  return new Refusal(
    "HG_EVENTS_CREDENTIAL",
    audience === "widget"
      ? "this is for widget tokens: with a key, ask the path without /widget"
      : "a widget token is of no use here: it reads /v1/widget/events",
  );
}

import type { Standing } from "../log/changes.ts";

/** What a request is answered with. */
export interface EventsAnswer {
  readonly status: number;
  /** Names and values, in turn. No Content-Length: whoever sends the answer knows. */
  readonly headers: readonly string[];
  /** Its parts as they come, where it is not known as a whole; whoever sends it ends the iterator early if nobody takes it. */
  readonly body: string | Buffer | AsyncIterable<string | Uint8Array>;
  /** The same caller is answered the same, for the same method, path, query and If-None-Match, as long as this holds. */
  readonly standing?: Standing | undefined;
}

/** The policy says how a request without a valid credential is refused. */
export const UNAUTHENTICATED: unique symbol = Symbol("unauthenticated");

const JSON_TYPE = ["Content-Type", "application/json"];

/** A JSON text, or a value to be made one. */
export function jsonAnswer(status: number, body: string | object, headers: readonly string[] = []): EventsAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: headers.length > 0 ? [...JSON_TYPE, ...headers] : JSON_TYPE, body: text };
}

export function emptyAnswer(status: number, headers: readonly string[] = []): EventsAnswer {
  return { status, headers, body: "" };
}

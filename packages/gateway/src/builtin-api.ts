import type { IncomingHttpHeaders } from "node:http";
import type { Identity } from "@headgate/control";
import type { Awaitable } from "@headgate/core";
import type { Standing } from "./change-counts.ts";

/** A request that the limits have admitted, as an API within this process gets it: whole. */
export interface BuiltinRequest {
  readonly method: string;
  /** Normalised, without the query. */
  readonly path: string;
  /** Without the question mark; "" for none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty where there is none. */
  readonly body: Buffer;
  /** Who is calling; undefined for strangers. */
  readonly identity: Identity | undefined;
}

/** What such an API answers. */
export interface BuiltinAnswer {
  readonly status: number;
  /** Names and values, in turn; without Content-Length. */
  readonly headers: readonly string[];
  /** Its parts as they come, where it is not known as a whole. */
  readonly body: string | Buffer | AsyncIterable<string | Uint8Array>;
  /**
   * The same caller is answered the same, for the same method, path, query and If-None-Match, as long as this holds. Only
   * looked at where the answer is a 304. Undefined where nobody can tell.
   */
  readonly standing?: Standing | undefined;
}

/** An API that is served in the gateway's own process, instead of by an upstream over HTTP: `upstream: builtin:…`. */
export interface BuiltinApi {
  /** The largest body that it takes; more is a 413. */
  readonly maxBodyBytes: number;
  /** A symbol in place of an answer: the request needs a credential and has none, so the policy's 401 is sent. */
  answer(request: BuiltinRequest): Awaitable<BuiltinAnswer | symbol>;
  /** Ends what would go on for ever, such as streams: the gateway is about to close. */
  drain(): void;
}

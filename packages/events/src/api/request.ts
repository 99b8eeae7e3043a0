import type { IncomingHttpHeaders } from "node:http";
import type { Identity } from "@headgate/control";

/** A request that the limits have admitted, whole. */
export interface EventsRequest {
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

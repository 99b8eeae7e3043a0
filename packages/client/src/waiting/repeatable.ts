import { type FetchInput, headersOf, isRequest, methodOf } from "../fetch.ts";

const IDEMPOTENT = /^(?:GET|HEAD|OPTIONS|TRACE|PUT|DELETE|QUERY)$/;

/** Whether a call does the same once as several times (RFC 9110, section 9.2.2), or its key makes it so. */
export function isIdempotent(input: FetchInput, init: RequestInit | undefined): boolean {
  return IDEMPOTENT.test(methodOf(input, init)) || new Headers(headersOf(input, init)).has("idempotency-key");
}

/** Whether a body is there to be sent again: a stream is used up by its first attempt. */
export function isReplayable(body: unknown): boolean {
  return !(body instanceof ReadableStream) && !(Symbol.asyncIterator in Object(body));
}

/** Gives no cause a code, and a cause to failures of the network alone. */
const IS_DENO = "Deno" in globalThis;

/**
 * Whether a failure is not the network's: a redirect too many, a scheme that cannot be fetched. Node gives causes from the
 * network a code, and its own none; of what fails elsewhere nothing is known, and it may be the network's.
 */
export function isOwnFault(error: unknown): boolean {
  const { cause } = Object(error);
  return !IS_DENO && cause instanceof Error && !("code" in cause);
}

/** Whether a call failed before anything was sent, since no request can be made of it. */
export function isMalformed(input: FetchInput, init: RequestInit | undefined): boolean {
  try {
    // What was given as a request is one, and making another of it would use up its body.
    if (!isRequest(input)) new Request(input, init);
    return false;
  } catch {
    return true;
  }
}

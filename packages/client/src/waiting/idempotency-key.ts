import { type FetchInput, headersOf, methodOf } from "../fetch.ts";

/** Adds an `Idempotency-Key` to a POST or PATCH that has none: a random one, the same for all attempts of the call. */
export function withIdempotencyKey<Init extends RequestInit>(
  input: FetchInput,
  init: Init | undefined,
): Init | RequestInit | undefined {
  if (!/^(?:POST|PATCH)$/.test(methodOf(input, init))) return init;
  const headers = new Headers(headersOf(input, init));
  if (headers.has("idempotency-key")) return init;
  headers.set("idempotency-key", newIdempotencyKey());
  return { ...init, headers };
}

/** A random one. Not `randomUUID`, which browsers have only on pages that came over TLS. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

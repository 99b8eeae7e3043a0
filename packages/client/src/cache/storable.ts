import { type Directives, directivesOf } from "./cache-control.ts";

/**
 * Statuses whose answers are final, whole and about the resource. Redirects are followed by fetch, or looked at by whoever
 * forbids that; refusals such as 401 and 429 are about the caller.
 */
const STORABLE_STATUSES: readonly number[] = [200, 203, 204, 404, 405, 410, 414, 501];

/**
 * Whether the answer to a GET with such wishes may be stored in a private cache (RFC 9111, section 3), and is any use
 * there: fresh for a while, or with something to ask by whether it still holds.
 */
export function isStorable(wishes: Directives, response: Response, lifetimeMs: number): boolean {
  const { status, headers, redirected } = response;
  const mayBe = !wishes.has("no-store") && !directivesOf(headers).has("no-store") && !varyNames(headers).includes("*");
  const isUseful = lifetimeMs > 0 || headers.has("etag") || headers.has("last-modified");
  return mayBe && isUseful && STORABLE_STATUSES.includes(status) && !redirected;
}

/** The request headers that decide about a response, in lower case. */
export function varyNames(headers: Headers): readonly string[] {
  return (headers.get("vary") ?? "").toLowerCase().match(/[^\s,]+/g) ?? [];
}

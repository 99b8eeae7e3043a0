import type { IncomingHttpHeaders } from "node:http";
import fresh from "fresh";

/** How an answer's header is described that `isFresh` is about, and the request's. */
export const ETAG: Readonly<Record<string, string>> = { ETag: "A strong validator, for If-None-Match." };
export const IF_NONE_MATCH: Readonly<Record<string, string>> = {
  "If-None-Match": "The ETag of an answer before: 304 where it would be the same.",
};

/**
 * Whether the client already has what `tag` stands for (RFC 9110, section 13.1.2). Its Cache-Control is not looked at:
 * `no-cache`, which every browser's fetch adds to If-None-Match, is for caches on the way.
 */
export function isFresh({ "if-none-match": ifNoneMatch }: IncomingHttpHeaders, tag: string): boolean {
  return ifNoneMatch !== undefined && fresh({ "if-none-match": ifNoneMatch }, { etag: tag });
}

/** Whether the client has something of what is there, if there is something: `*` names no tag. */
export function hasAnything({ "if-none-match": ifNoneMatch }: IncomingHttpHeaders): boolean {
  return ifNoneMatch === "*";
}

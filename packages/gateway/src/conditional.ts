import type { IncomingHttpHeaders } from "node:http";
import etag from "etag";
import fresh from "fresh";
import type { UpstreamHeaders } from "./client-headers.ts";
import { textOf } from "./header-text.ts";

/** Larger bodies stream by without an ETag. */
export const MAX_TAGGED_BYTES: number = 256 * 1024;

/** A body of unknown length that has not ended by then is streamed, without an ETag. */
export const MAX_HELD_MS = 100;

/**
 * What to do with a 200 answer to a GET (RFC 9110, section 13): pass it on, answer 304 instead, or hold its body until
 * it can be tagged.
 */
export function conditionOf(request: IncomingHttpHeaders, answer: UpstreamHeaders): "pass" | "not-modified" | "hold" {
  if (answer.etag === undefined && isTaggable(answer)) return "hold";
  return isFresh(request, textOf(answer.etag), answer) ? "not-modified" : "pass";
}

/** The strong validator of a body (RFC 9110, section 8.8.3). */
export function tagOf(body: Buffer): string {
  return etag(body);
}

/**
 * Whether the client already has what `tag` stands for, or what has not been modified since it asked. Its Cache-Control
 * is not looked at: `no-cache`, which every browser's fetch adds to If-None-Match, is for caches on the way.
 */
export function isFresh(request: IncomingHttpHeaders, tag: string | undefined, answer: UpstreamHeaders): boolean {
  const { "if-none-match": ifNoneMatch, "if-modified-since": ifModifiedSince } = request;
  return fresh(
    { "if-none-match": ifNoneMatch, "if-modified-since": ifModifiedSince },
    { etag: tag, "last-modified": textOf(answer["last-modified"]) },
  );
}

/** The headers of a 304: without what describes a body (RFC 9110, section 15.4.5). */
export function notModifiedHeaders(answer: UpstreamHeaders): UpstreamHeaders {
  return Object.fromEntries(Object.entries(answer).filter(([name]) => !DESCRIBES_BODY.has(name)));
}

/** Whether a body may be held: small as far as is known, and not one that is read while it is written. */
function isTaggable(answer: UpstreamHeaders): boolean {
  const length = answer["content-length"];
  if (length !== undefined) return Number(length) <= MAX_TAGGED_BYTES;
  return !LIVE.test(textOf(answer["content-type"]) ?? "");
}

const DESCRIBES_BODY = new Set([
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-type",
  "transfer-encoding",
]);
const LIVE = /^(?:text\/event-stream|application\/(?:x-ndjson|jsonl|grpc)|multipart\/)/i;

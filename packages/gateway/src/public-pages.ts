import type { Policy } from "@headgate/policy";
import { isFresh } from "./conditional.ts";
import type { Exchange } from "./exchange.ts";

/** A page as it is sent. */
export interface PublicPage {
  /** Its media type. */
  readonly type: string;
  readonly body: Buffer;
  /** A strong validator (RFC 9110, section 8.8.3). */
  readonly tag: string;
}

/** Pages for anybody, whoever they are and however often they ask. */
export interface PublicPages {
  /** The page at a normalised path, or another path that it is at; undefined where there is none. */
  at(path: string): PublicPage | { readonly movedTo: string } | undefined;
}

/** Makes the pages of a policy; undefined where it has none. */
export type PagesOf = (policy: Policy) => PublicPages | undefined;

/** How many seconds others may keep a page before they ask whether it is still the same; the policy may change. */
const KEPT = ["Cache-Control", "public, max-age=60"];

/** Nothing but what is here: pages hold text that others wrote. */
const SAFE = [
  "Content-Security-Policy",
  "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'",
  "X-Content-Type-Options",
  "nosniff",
];

/**
 * Answers a request for a page, before anybody asks who is calling: it needs no credential and counts for no limit. Says
 * whether there was one; whatever else is asked of its path is the upstream's affair.
 */
export function answerPage(exchange: Exchange): boolean {
  const { site, request, target, isUpgrade } = exchange;
  if (site.pages === undefined || isUpgrade || (request.method !== "GET" && request.method !== "HEAD")) return false;
  const found = site.pages.at(target.path);
  if (!found) return false;
  if ("movedTo" in found) send(exchange, 308, ["Location", found.movedTo, ...KEPT, "Content-Length", "0"]);
  else sendPage(exchange, found);
  return true;
}

function sendPage(exchange: Exchange, { type, body, tag }: PublicPage): void {
  const headers = ["ETag", tag, ...KEPT, ...SAFE];
  if (isFresh(exchange.request.headers, tag, {})) send(exchange, 304, headers);
  else send(exchange, 200, [...headers, "Content-Type", type, "Content-Length", String(body.length)], body);
}

function send(exchange: Exchange, status: number, headers: string[], body?: Buffer): void {
  exchange.writeHead(status, headers);
  exchange.finish(exchange.request.method === "HEAD" ? undefined : body);
}

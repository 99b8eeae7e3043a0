import { isForwardingHeader } from "./forwarded.ts";

/** Headers that speak of one connection only, and are never passed on (RFC 9110, section 7.6.1; RFC 7540, 3.2.1). */
const HOP_BY_HOP = [
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** By length of name: most headers are told apart by that, and hashing names just made would cost more. */
const BY_LENGTH: readonly (readonly string[])[] = Array.from({ length: 20 }, (_, length) =>
  HOP_BY_HOP.filter((name) => name.length === length),
);

/** Whether a header of this lower-case name speaks of one connection only. */
export function isHopByHop(name: string): boolean {
  return BY_LENGTH[name.length]?.includes(name) ?? false;
}

/**
 * The further headers that a Connection header declares to be of this connection only, in lower case; undefined for
 * none, as nearly always. What frames or routes a message cannot be declared away, nor what says who it is from: a proxy
 * that is trusted may pass a client's Connection on.
 */
export function connectionHeaders(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || USUAL.has(connection)) return undefined;
  const names = new Set<string>();
  for (const token of connection.toLowerCase().split(",")) {
    const name = token.trim();
    if (name === "" || isHopByHop(name) || OPTIONS.has(name) || ESSENTIAL.has(name)) continue;
    if (!isForwardingHeader(name)) names.add(name);
  }
  return names.size > 0 ? names : undefined;
}

const USUAL = new Set(["keep-alive", "Keep-Alive", "close", "Upgrade", "upgrade"]);
const OPTIONS = new Set(["close"]);
const ESSENTIAL = new Set(["host", "content-length"]);

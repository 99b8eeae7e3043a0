/** Headers that speak of one connection only, and are never passed on (RFC 9110, section 7.6.1). Lower case. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The further headers that a Connection header declares to be of this connection only, in lower case; undefined for
 * none, as nearly always. What frames or routes a message cannot be declared away.
 */
export function connectionHeaders(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || USUAL.has(connection)) return undefined;
  const names = new Set<string>();
  for (const token of connection.toLowerCase().split(",")) {
    const name = token.trim();
    if (name !== "" && !HOP_BY_HOP.has(name) && !OPTIONS.has(name) && !ESSENTIAL.has(name)) names.add(name);
  }
  return names.size > 0 ? names : undefined;
}

const USUAL = new Set(["keep-alive", "Keep-Alive", "close", "Upgrade", "upgrade"]);
const OPTIONS = new Set(["close"]);
const ESSENTIAL = new Set(["host", "content-length"]);

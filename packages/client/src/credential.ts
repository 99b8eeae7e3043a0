/** Names of request headers that hold a credential. */
const TELLING = /^authorization$|(?:api|access|subscription)[-_]?key$|^(?:x-)?(?:auth|access|private)-token$/i;

/**
 * The credential a call is made with, from `Authorization`, else from the first by name of the headers that are usual for
 * API keys; empty where there is none. It is the same in whatever form headers are given. Of `Authorization` as far as the
 * first comma: what comes after are parameters, and some sign a single request.
 */
export function credentialIn(headers: RequestInit["headers"]): string {
  if (!headers) return "";
  if (Symbol.iterator in headers) {
    const sorted = headers instanceof Headers ? headers : new Headers(headers);
    const authorization = sorted.get("authorization");
    if (authorization !== null) return firstPart(authorization);
    for (const [name, value] of sorted) if (TELLING.test(name)) return firstPart(value);
    return "";
  }
  // The form that is given most, of which nothing is copied.
  let first: string | undefined;
  for (const name in headers) {
    if (TELLING.test(name) && (first === undefined || rankOf(name) < rankOf(first))) first = name;
  }
  return first === undefined ? "" : firstPart(headers[first]);
}

function rankOf(name: string): string {
  const lower = name.toLowerCase();
  return lower === "authorization" ? "" : lower;
}

function firstPart(value: unknown): string {
  const text = String(value);
  const comma = text.indexOf(",");
  return (comma < 0 ? text : text.slice(0, comma)).trim();
}

/**
 * What is shown and shared of a credential: 53 bits that tell one from another, and from which none that is hard to guess
 * can be found again. Not a digest of `crypto.subtle`, for which every call would have to wait.
 */
export function fingerprintOf(credential: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < credential.length; i++) {
    const unit = credential.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}

import { type Directives, parseCacheControl } from "./cache-control.ts";

/** What the `cache` modes of fetch ask for, in the words of `Cache-Control`. */
const MODES: Readonly<Record<string, string>> = {
  "no-store": "no-store",
  reload: "no-cache",
  "no-cache": "no-cache",
  "force-cache": "max-stale",
  "only-if-cached": "only-if-cached, max-stale",
};

/** What a request wishes of caches (RFC 9111, section 5.2.1), by its headers and its `cache` mode. */
export function wishesOf({ headers, cache }: Request): Directives {
  const said = headers.get("cache-control") ?? headers.get("pragma") ?? "";
  return parseCacheControl(`${said}, ${MODES[cache] ?? ""}`);
}

/** Whether a request brings conditions or a range of its own: then its caller deals with the 304 or 206. */
export function isOnItsOwn({ headers }: Request): boolean {
  return [...headers.keys()].some((name) => /^if-|^range$/.test(name));
}

import { parseBaseUrl } from "./base-url.ts";
import type { Upstream } from "./policy.ts";

/** The upstream of a policy that has the events API in front of it. */
export const BUILTIN_EVENTS = "builtin:events";

/** Reads `http://host:port/base`, `https://…` or `builtin:events`; undefined if it is none of them. */
export function parseUpstream(text: string): Upstream | undefined {
  if (text === BUILTIN_EVENTS) return { kind: "builtin", name: "events" };
  const url = parseBaseUrl(text);
  return url && { kind: "http", url };
}

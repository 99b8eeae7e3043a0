import type { HeaderPair } from "@headgate/core";
import { pushPairs } from "./flat-headers.ts";
import { textOf } from "./header-text.ts";
import { connectionHeaders, isHopByHop } from "./hop-by-hop.ts";

/** An upstream's headers by lower-case name, as undici gives them; a repeated one has all its values. */
export type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The headers of the answer to the client, names and values in turn: the upstream's, without what speaks of its
 * connection only and without its own rate limits, then the gateway's. Where the policy keeps the upstream's rate
 * limits, those that have the name of one of the gateway's still go: two would be read as one, and wrongly.
 */
export function toClientHeaders(
  upstream: UpstreamHeaders,
  keepsRateLimits: boolean,
  rateLimits: readonly HeaderPair[],
): string[] {
  const declared = connectionHeaders(textOf(upstream.connection));
  const passed: string[] = [];
  for (const name in upstream) {
    if (isHopByHop(name) || declared?.has(name)) continue;
    if (isRateLimitHeader(name) && (!keepsRateLimits || rateLimits.some(([own]) => own.toLowerCase() === name)))
      continue;
    const value = upstream[name] as string | string[];
    if (typeof value === "string") passed.push(name, value);
    else for (const one of value) passed.push(name, one);
  }
  pushPairs(passed, rateLimits);
  return passed;
}

function isRateLimitHeader(name: string): boolean {
  return (
    name.startsWith("x-ratelimit-") ||
    name.startsWith("x-rate-limit-") ||
    name === "ratelimit" ||
    name.startsWith("ratelimit-")
  );
}

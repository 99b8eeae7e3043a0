import type * as z from "zod";
import { parseBaseUrl } from "./base-url.ts";
import type { Upstream } from "./policy.ts";
import { textFormat } from "./text-format.ts";

/** The upstream of a policy that has the events API in front of it. */
export const BUILTIN_EVENTS = "builtin:events";

/** Reads `http://host:port/base`, `https://…` or `builtin:events`; undefined if it is none of them. */
export function parseUpstream(text: string): Upstream | undefined {
  if (text === BUILTIN_EVENTS) return { kind: "builtin", name: "events" };
  const url = parseBaseUrl(text);
  return url && { kind: "http", url };
}

export const upstreamSchema: z.ZodType<string> = textFormat({
  code: "HG_POLICY_URL",
  description: "Where admitted requests go: a URL, or builtin:events.",
  hint: `http:// or https://, without user, query or fragment; or ${BUILTIN_EVENTS}`,
  fault: (text) => (parseUpstream(text) ? undefined : "the upstream is not a URL that requests can be sent to"),
});

import type * as z from "zod";
import type { Upstream } from "./policy.ts";
import { textFormat } from "./text-format.ts";

const BUILTIN = "builtin:events";

/** Reads `http://host:port/base`, `https://…` or `builtin:events`; undefined if it is none of them. */
export function parseUpstream(text: string): Upstream | undefined {
  if (text === BUILTIN) return { kind: "builtin", name: "events" };
  const url = URL.parse(text);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return undefined;
  const hasMore = url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "";
  return hasMore ? undefined : { kind: "http", url };
}

export const upstreamSchema: z.ZodType<string> = textFormat({
  code: "HG_POLICY_URL",
  description: "Where admitted requests go: a URL, or builtin:events.",
  hint: `http:// or https://, without user, query or fragment; or ${BUILTIN}`,
  fault: (text) => (parseUpstream(text) ? undefined : "the upstream is not a URL that requests can be sent to"),
});

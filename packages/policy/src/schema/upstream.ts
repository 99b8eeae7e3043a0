import type * as z from "zod";
import { textFormat } from "../text-format.ts";
import { BUILTIN_EVENTS, parseUpstream } from "../upstream.ts";

export const upstreamSchema: z.ZodType<string> = textFormat({
  code: "HG_POLICY_URL",
  description: "Where admitted requests go: a URL, or builtin:events.",
  hint: `http:// or https://, without user, query or fragment; or ${BUILTIN_EVENTS}`,
  fault: (text) => (parseUpstream(text) ? undefined : "the upstream is not a URL that requests can be sent to"),
});

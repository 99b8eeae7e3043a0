import * as z from "zod";
import { refusalStatusSchema } from "../statuses.ts";
import { textFormat } from "../text-format.ts";

/** A refusal as the policy writes it. */
export interface ResponseSection {
  readonly status?: number | undefined;
  readonly "content-type"?: string | undefined;
  readonly body?: unknown;
}

interface HeadersSection {
  readonly style?: "x-ratelimit" | "ratelimit" | "both" | "none" | undefined;
  readonly reset?: "none" | "epoch-seconds" | "epoch-ms" | "iso-8601" | "delta-seconds" | undefined;
  readonly upstream?: "strip" | "keep" | undefined;
}

export interface ResponsesSection {
  readonly headers?: HeadersSection | undefined;
  readonly "retry-after"?: "limited" | "never" | number | undefined;
  readonly limited?: ResponseSection | undefined;
  readonly suspended?: ResponseSection | undefined;
  readonly "too-large"?: ResponseSection | undefined;
  readonly unauthenticated?: ResponseSection | undefined;
}

const contentType = textFormat({
  code: "HG_POLICY_VALUE",
  description: "The body's media type. Default: application/json, or text/plain for a string.",
  hint: "a media type such as application/json",
  fault: (text) =>
    /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *;[ -~]+)?$/.test(text) ? undefined : `"${text}" is not a media type`,
});

export function responseSchema(description: string): z.ZodType<ResponseSection> {
  return z
    .strictObject({
      status: refusalStatusSchema.optional(),
      "content-type": contentType.optional(),
      body: z
        .unknown()
        .optional()
        .describe(
          "Any value. Strings in it may hold {retry_after} {limit} {quota} {window} {remaining} {reset}. Default: a " +
            "problem (RFC 9457).",
        ),
    })
    .describe(description);
}

const RETRY_AFTER_HINT = "limited, never, or a constant number of seconds";

export const responsesSchema: z.ZodType<ResponsesSection> = z
  .strictObject({
    headers: z
      .strictObject({
        style: z
          .enum(["x-ratelimit", "ratelimit", "both", "none"])
          .optional()
          .describe("Which rate-limit headers are sent: X-RateLimit-*, the IETF draft's, both or none. Default both."),
        reset: z
          .enum(["none", "epoch-seconds", "epoch-ms", "iso-8601", "delta-seconds"])
          .optional()
          .describe("How X-RateLimit-Reset says when. Default epoch-seconds."),
        upstream: z
          .enum(["strip", "keep"])
          .optional()
          .describe("What becomes of rate-limit headers in the upstream's answers. Default strip."),
      })
      .optional()
      .describe("Rate-limit headers."),
    "retry-after": z
      .union([z.enum(["limited", "never"]), z.int().min(1).max(31_536_000)], { error: RETRY_AFTER_HINT })
      .optional()
      .describe("Retry-After: with the true wait on refusals, never, or a constant. Default limited."),
    limited: responseSchema("Over a limit. Default status 429.").optional(),
    suspended: responseSchema("From a suspended caller. Default status 403.").optional(),
    "too-large": responseSchema("A body over its cap, or a cost that no quota admits. Default status 413.").optional(),
    unauthenticated: responseSchema("Without a valid credential where one is needed. Default status 401.").optional(),
  })
  .describe("How refusals look, and what callers are told of their limits.");

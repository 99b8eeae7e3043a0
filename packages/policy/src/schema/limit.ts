import * as z from "zod";
import { durationSchema, windowSchema } from "../duration.ts";
import { limitNameSchema, tokenSchema } from "../name.ts";
import { sizeSchema } from "../size.ts";
import { type StatusesSection, statusesSchema } from "../statuses.ts";
import { textFormat } from "../text-format.ts";
import { timezoneSchema } from "../timezone.ts";
import { type MatchSection, matchSchema } from "./match.ts";
import { type ResponseSection, responseSchema } from "./responses.ts";

/** A rate if it has a quota, a cap on the body's size if it has `max-body`. */
export interface LimitSection {
  readonly name: string;
  readonly match?: MatchSection | undefined;
  readonly per?: string | string[] | undefined;
  readonly quota?: number | undefined;
  readonly window?: string | undefined;
  readonly algorithm?: "fixed-window" | "sliding-window" | "token-bucket" | "concurrency" | undefined;
  readonly align?: "first-request" | "clock" | undefined;
  readonly burst?: number | undefined;
  readonly hold?: string | undefined;
  readonly timezone?: string | undefined;
  readonly cost?: CostSection | undefined;
  readonly refund?: StatusesSection | undefined;
  readonly charge?: StatusesSection | undefined;
  readonly "count-rejected"?: boolean | undefined;
  readonly "on-store-error"?: "allow" | "deny" | "local" | undefined;
  readonly mode?: "enforce" | "shadow" | undefined;
  readonly plans?: Record<string, PlanSection> | undefined;
  readonly response?: ResponseSection | undefined;
  readonly "max-body"?: string | undefined;
}

/** What a plan changes of a limit. */
export interface PlanSection {
  readonly quota?: number | undefined;
  readonly burst?: number | undefined;
}

/** What one request consumes. */
export type CostSection =
  | "request"
  | "bytes"
  | number
  | { readonly items: string }
  | { readonly "response-header": string };

const COST_HINT = "request, bytes, a number, { items: /pointer } or { response-header: name }";
const UNITS_HINT = "a whole number from 1 to 2^40";

function units(description: string): z.ZodType<number> {
  return z
    .int({ error: UNITS_HINT })
    .min(1)
    .max(2 ** 40)
    .describe(description);
}

const jsonPointer = textFormat({
  code: "HG_POLICY_VALUE",
  description: "A JSON Pointer (RFC 6901) to an array in the body; its length is the cost. Empty for the whole body.",
  hint: "a slash and a field, such as /events; or empty for the whole body",
  fault: (text) => (/^(\/([^~/]|~[01])*)*$/.test(text) ? undefined : `"${text}" is not a JSON Pointer`),
});

const costSchema: z.ZodType<CostSection> = z.union(
  [
    z.enum(["request", "bytes"]),
    units("So many units."),
    z.strictObject({ items: jsonPointer }),
    z.strictObject({
      "response-header": tokenSchema("a header's name", "The response header in which the upstream tells the cost."),
    }),
  ],
  { error: COST_HINT },
);

const planSchema: z.ZodType<PlanSection> = z.strictObject({
  quota: units("Units allowed per window.").optional(),
  burst: units("Most units at once; token-bucket.").optional(),
});

export const limitSchema: z.ZodType<LimitSection> = z
  .strictObject({
    name: limitNameSchema,
    match: matchSchema.optional(),
    per: z
      .union([z.string(), z.array(z.string())], { error: "a caller, a list, or [] for one counter for all" })
      .optional()
      .describe("Whom each counter belongs to: callers, endpoint, method; or [] for one counter for all."),
    quota: units("Units allowed per window; for concurrency, at once.").optional(),
    window: windowSchema.optional(),
    algorithm: z
      .enum(["fixed-window", "sliding-window", "token-bucket", "concurrency"])
      .optional()
      .describe("How units are counted. Default fixed-window."),
    align: z
      .enum(["first-request", "clock"])
      .optional()
      .describe("Where a fixed window starts: at the first request, or on multiples of it. Default first-request."),
    burst: units("Most units at once; token-bucket. Default the quota.").optional(),
    hold: durationSchema
      .optional()
      .describe("How long a request that never ends keeps its place; concurrency. Default 1m."),
    timezone: timezoneSchema.optional(),
    cost: costSchema.optional().describe("Units that one request consumes. Default 1."),
    refund: statusesSchema("Responses of these statuses give the charge back.").optional(),
    charge: statusesSchema("Only responses of these statuses are charged.").optional(),
    "count-rejected": z.boolean().optional().describe("Charge rejected requests too. Default false."),
    "on-store-error": z
      .enum(["allow", "deny", "local"])
      .optional()
      .describe("What happens while counters cannot be reached. Default allow."),
    mode: z
      .enum(["enforce", "shadow"])
      .optional()
      .describe("Shadow limits are counted, never denied. Default enforce."),
    plans: z.record(z.string(), planSchema).optional().describe("What callers of a plan get instead."),
    response: responseSchema("How this limit refuses.").optional(),
    "max-body": sizeSchema
      .optional()
      .describe("A cap on the body's size instead of a rate: 512B, 200KB, 1MB. Above it 413."),
  })
  .describe("A rate (quota, window, per) or a cap on the body's size (max-body). Every one that matches applies.");

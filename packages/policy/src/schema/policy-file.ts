import * as z from "zod";
import { durationSchema } from "../duration.ts";
import { textFormat } from "../text-format.ts";
import { upstreamSchema } from "../upstream.ts";
import { type CallersSection, callersSchema } from "./callers.ts";
import { type EndpointsSection, endpointsSchema } from "./endpoints.ts";
import { type LimitSection, limitSchema } from "./limit.ts";
import { type ResponsesSection, responsesSchema } from "./responses.ts";

/** A policy file as written, shape and formats checked; meanings are not. */
export interface PolicyFile {
  readonly headgate: number;
  readonly title?: string | undefined;
  readonly upstream?: string | undefined;
  readonly callers?: CallersSection | undefined;
  readonly credentials?: "presented" | "managed" | "upstream" | undefined;
  readonly endpoints?: EndpointsSection | undefined;
  readonly limits: LimitSection[];
  readonly suspend?: SuspensionSection[] | undefined;
  readonly responses?: ResponsesSection | undefined;
  readonly conditional?: boolean | undefined;
  readonly store?: StoreSection | undefined;
}

/** Repeated denials end in a suspension. */
interface SuspensionSection {
  readonly per: string;
  readonly after: string;
  readonly within: string;
  readonly for: string;
}

/** Where counters live. */
interface StoreSection {
  readonly memory?: { readonly "max-partitions"?: number | undefined } | undefined;
  readonly redis?: { readonly url: string; readonly mode?: "exact" | "leased" | undefined } | undefined;
}

const VERSION = 1;

const versionSchema = z
  .number({ error: `headgate: ${VERSION}` })
  .superRefine((version, context) => {
    if (version === VERSION) return;
    const params = { code: "HG_POLICY_VERSION", message: `version ${version} of the format is not known` };
    context.addIssue({ code: "custom", message: `headgate: ${VERSION}`, params });
  })
  .meta({ description: "The version of this file format.", const: VERSION });

const denialsSchema = textFormat({
  code: "HG_POLICY_VALUE",
  description: "How many denials: 100 denials.",
  hint: "a number of denials, such as 100 denials",
  pattern: "^[1-9]\\d{0,8} denials$",
  fault: (text) => (/^[1-9]\d{0,8} denials$/.test(text) ? undefined : `"${text}" is not a number of denials`),
});

const suspensionSchema = z.strictObject({
  per: z.string().describe("The caller that is suspended."),
  after: denialsSchema,
  within: durationSchema.describe("The time in which the denials are counted."),
  for: z
    .union([z.literal("until-lifted"), durationSchema], { error: "a duration such as 1h, or until-lifted" })
    .describe("How long: a duration, or until-lifted."),
});

const storeSchema = z.strictObject({
  memory: z
    .strictObject({
      "max-partitions": z
        .int()
        .min(1)
        .max(2 ** 27)
        .optional()
        .describe("Counters to have room for at once. Default 1000000."),
    })
    .optional()
    .describe("Counters in this process's memory."),
  redis: z
    .strictObject({
      url: z.string().describe("redis://host:port, or rediss:// for TLS."),
      mode: z.enum(["exact", "leased"]).optional().describe("Ask for each request, or take chunks ahead of use."),
    })
    .optional()
    .describe("Counters in Redis or Valkey, shared by many processes."),
});

export const policyFileSchema: z.ZodType<PolicyFile> = z
  .strictObject({
    headgate: versionSchema,
    title: z.string().min(1).max(200).optional().describe("The API's name, for its documentation."),
    upstream: upstreamSchema.optional(),
    callers: callersSchema.optional(),
    credentials: z
      .enum(["presented", "managed", "upstream"])
      .optional()
      .describe(
        "When a credential counts as valid: as soon as presented, when Headgate issued it, or once the upstream has " +
          "accepted it and until it answers 401. Default presented.",
      ),
    endpoints: endpointsSchema.optional(),
    limits: z.array(limitSchema).describe("Every one that matches a request applies to it."),
    suspend: z.array(suspensionSchema).optional().describe("Repeated denials end in a suspension."),
    responses: responsesSchema.optional(),
    conditional: z
      .boolean()
      .optional()
      .describe("Add an ETag to GET answers that lack one, and answer 304 where If-None-Match holds. Default false."),
    store: storeSchema.optional().describe("Where counters live. Default memory."),
  })
  .describe("A Headgate policy: what callers of an HTTP API may do.");

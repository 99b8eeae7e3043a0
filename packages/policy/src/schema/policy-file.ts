import * as z from "zod";
import { type CallersSection, callersSchema } from "./callers.ts";
import { type DocsSection, docsSchema } from "./docs.ts";
import { type EndpointsSection, endpointsSchema } from "./endpoints.ts";
import { type EventsSection, eventsSchema } from "./events.ts";
import { type LimitSection, limitSchema } from "./limit.ts";
import { type ResponsesSection, responsesSchema } from "./responses.ts";
import { type StoreSection, storeSchema } from "./store.ts";
import { type SuspensionSection, suspensionSchema } from "./suspension.ts";
import { type TokensSection, tokensSchema } from "./tokens.ts";
import { upstreamSchema } from "./upstream.ts";

/** A policy file as written, shape and formats checked; meanings are not. */
export interface PolicyFile {
  readonly headgate: number;
  readonly title?: string | undefined;
  readonly upstream?: string | undefined;
  readonly events?: EventsSection | undefined;
  readonly callers?: CallersSection | undefined;
  readonly credentials?: "presented" | "managed" | "upstream" | undefined;
  readonly tokens?: TokensSection | false | undefined;
  readonly endpoints?: EndpointsSection | undefined;
  readonly limits: LimitSection[];
  readonly suspend?: SuspensionSection[] | undefined;
  readonly responses?: ResponsesSection | undefined;
  readonly conditional?: boolean | undefined;
  readonly store?: StoreSection | undefined;
  readonly docs?: DocsSection | undefined;
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

export const policyFileSchema: z.ZodType<PolicyFile> = z
  .strictObject({
    headgate: versionSchema,
    title: z.string().min(1).max(200).optional().describe("The API's name, for its documentation."),
    upstream: upstreamSchema.optional(),
    events: eventsSchema.optional().describe("The built-in events API; only with upstream: builtin:events."),
    callers: callersSchema.optional(),
    credentials: z
      .enum(["presented", "managed", "upstream"])
      .optional()
      .describe(
        "When a credential counts as valid: as soon as presented, when Headgate issued it, or once the upstream has " +
          "accepted it and until it answers 401. Default presented.",
      ),
    tokens: z
      .union([tokensSchema, z.literal(false)], { error: "a map of path and for, or false" })
      .optional()
      .describe("How callers get tokens for their keys, with managed credentials; false: not from here."),
    endpoints: endpointsSchema.optional(),
    limits: z.array(limitSchema).describe("Every one that matches a request applies to it."),
    suspend: z.array(suspensionSchema).optional().describe("Repeated denials end in a suspension."),
    responses: responsesSchema.optional(),
    conditional: z
      .boolean()
      .optional()
      .describe("Add an ETag to GET answers that lack one, and answer 304 where If-None-Match holds. Default false."),
    store: storeSchema.optional().describe("Where counters live. Default memory."),
    docs: docsSchema.optional(),
  })
  .describe("A Headgate policy: what callers of an HTTP API may do.");

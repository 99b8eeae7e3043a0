import * as z from "zod";
import { rangeSchema } from "../address.ts";
import { parseBaseUrl } from "../base-url.ts";
import { parseDuration } from "../duration.ts";
import { freeNameSchema } from "../name.ts";
import { textFormat } from "../text-format.ts";

/** What the file says of the built-in events API. */
export interface EventsSection {
  readonly "max-batch"?: number | undefined;
  readonly retention?: string | RetentionSection | undefined;
  readonly webhooks?: { readonly networks?: string[] | undefined } | undefined;
  readonly "public-url"?: string | undefined;
}

/** How long events are kept, where plans differ. */
export interface RetentionSection {
  readonly default?: string | undefined;
  readonly plans?: Record<string, string> | undefined;
}

const FOREVER = "forever";
const DAY_MS = 86_400_000;
const SHORTEST_MS = DAY_MS;
const LONGEST_MS = 3650 * DAY_MS;
const LARGEST_BATCH = 1000;
const RETENTION_HINT = `days from 1d to 3650d, such as 90d; or ${FOREVER}`;

function keptFor(description: string): z.ZodType<string> {
  return textFormat({ code: "HG_POLICY_DURATION", description, hint: RETENTION_HINT, fault: retentionFault });
}

function retentionFault(text: string): string | undefined {
  if (text === FOREVER) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) return `"${text}" is not a duration`;
  return ms < SHORTEST_MS || ms > LONGEST_MS ? `"${text}" is not between 1d and 3650d` : undefined;
}

const retentionSchema: z.ZodType<RetentionSection> = z.strictObject({
  default: keptFor("How long the events of accounts without such a plan are kept. Default forever.").optional(),
  plans: z
    .record(freeNameSchema("a plan's name", "A plan."), keptFor("How long its events are kept."))
    .optional()
    .describe("What accounts with a plan get instead."),
});

const publicUrlSchema = textFormat({
  code: "HG_POLICY_URL",
  description: "Where callers reach the API, for the absolute URLs that it tells. Default: it tells paths.",
  hint: "http:// or https://, without user, query or fragment, such as https://api.example.com",
  fault: (text) => (parseBaseUrl(text) ? undefined : "the public URL is not one that paths can follow"),
});

export const eventsSchema: z.ZodType<EventsSection> = z.strictObject({
  "max-batch": z
    .int({ error: `a whole number from 1 to ${LARGEST_BATCH}` })
    .min(1)
    .max(LARGEST_BATCH)
    .optional()
    .describe("Events that one call may carry. Default 100."),
  retention: z
    .union([keptFor("For every account."), retentionSchema], {
      error: `${RETENTION_HINT}; or a map of default and plans`,
    })
    .optional()
    .describe("How long events are kept, from their receipt on. Default forever."),
  webhooks: z
    .strictObject({
      networks: z
        .array(rangeSchema("A range of private addresses that webhooks may reach."))
        .optional()
        .describe("Private networks that webhooks may reach all the same. Default none."),
    })
    .optional()
    .describe("Where webhooks may go."),
  "public-url": publicUrlSchema.optional(),
});

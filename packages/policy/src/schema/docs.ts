import * as z from "zod";
import { parseBaseUrl } from "../base-url.ts";
import { DOCS_SECTIONS, type DocsSectionId } from "../docs-sections.ts";
import { tokenSchema } from "../name.ts";
import { plainPathSchema } from "../plain-path.ts";
import { textFormat } from "../text-format.ts";

/** What the pages that callers read say, and the rest of the file does not know. */
export interface DocsSection {
  readonly path?: string | undefined;
  readonly "base-url"?: string | undefined;
  readonly contact?: string | undefined;
  readonly example?: DocsRequestSection | undefined;
  readonly batch?: DocsRequestSection | undefined;
  readonly limits?: Record<string, string> | undefined;
  readonly plans?: Record<string, string> | undefined;
  readonly endpoints?: Record<string, string> | undefined;
  readonly sections?: { readonly [id in DocsSectionId]?: string | undefined } | undefined;
}

/** A request as an example. */
export interface DocsRequestSection {
  readonly request: string;
  readonly headers?: Record<string, string> | undefined;
  readonly body?: unknown;
}

const REQUEST = /^[A-Z]{1,20} \/[!-~]{0,500}$/;
const LONGEST_TEXT = 20_000;

const text = (description: string): z.ZodType<string> => z.string().max(LONGEST_TEXT).describe(description);

const line = (description: string): z.ZodType<string> =>
  textFormat({
    code: "HG_POLICY_VALUE",
    description,
    hint: "one line of 1 to 300 characters",
    fault: (value) =>
      /^[^\p{Cc}]{1,300}$/u.test(value) ? undefined : "the text is not one line of 1 to 300 characters",
  });

function requestSchema(description: string): z.ZodType<DocsRequestSection> {
  return z
    .strictObject({
      request: textFormat({
        code: "HG_POLICY_VALUE",
        description: "Method and path: GET /v1/events.",
        hint: "a method and a path, such as GET /v1/events",
        pattern: REQUEST.source,
        fault: (value) => (REQUEST.test(value) ? undefined : `"${value}" is not a method and a path`),
      }),
      headers: z
        .record(tokenSchema("a header's name", "A request header."), line("Its value."))
        .optional()
        .describe("Headers by name, besides the credential."),
      body: z.unknown().optional().describe("What is sent, as JSON. Default nothing."),
    })
    .describe(description);
}

const baseUrlSchema = textFormat({
  code: "HG_POLICY_URL",
  description: "Where callers reach the API. Default https://api.example.com.",
  hint: "http:// or https://, without user, query or fragment, such as https://api.example.com",
  fault: (value) => (parseBaseUrl(value) ? undefined : "the base URL is not one that paths can follow"),
});

export const docsSchema: z.ZodType<DocsSection> = z
  .strictObject({
    path: plainPathSchema(
      "The gate serves the pages below this path. Default: nowhere.",
      "/docs/rate-limits",
    ).optional(),
    "base-url": baseUrlSchema.optional(),
    contact: line("Whom callers ask for more: an e-mail address, a URL, or words.").optional(),
    example: requestSchema("The request that examples make. Default: one that the first limit counts.").optional(),
    batch: requestSchema("A request that does the work of many.").optional(),
    limits: z.record(z.string(), line("What it is for.")).optional().describe("Limits by name, in a few words each."),
    plans: z.record(z.string(), line("What it is.")).optional().describe("Plans by name, in a few words each."),
    endpoints: z.record(z.string(), line("What it is.")).optional().describe("Endpoints by name, in a few words each."),
    sections: z
      .strictObject(
        Object.fromEntries(
          Object.entries(DOCS_SECTIONS).map(([id, description]) => [id, text(description).optional()]),
        ) as Record<DocsSectionId, z.ZodOptional<z.ZodType<string>>>,
      )
      .optional()
      .describe(
        "Sections by id, in Markdown, instead of the generated text; {generated} stands for that. Empty: left out.",
      ),
  })
  .describe("The pages that callers read: what they say, and the policy does not know.");

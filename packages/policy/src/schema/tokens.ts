import * as z from "zod";
import { durationSchema } from "../duration.ts";
import { textFormat } from "../text-format.ts";

/** How callers get tokens for their keys. */
export interface TokensSection {
  readonly path?: string | undefined;
  readonly for?: string | undefined;
}

/** As requests come when their paths are normalised: without empty segments and dots. Others would never be met. */
const PATH = /^(?=.{2,200}$)(?:\/(?!\.\.?(?:\/|$))[\w.~-]+)+\/?$/;

const pathSchema = textFormat({
  code: "HG_POLICY_URL",
  description: "POST here gives a token for a key. Default /v1/tokens.",
  hint: "a path without wildcards, empty segments and dots, such as /v1/tokens",
  pattern: PATH.source,
  fault: (text) => (PATH.test(text) ? undefined : `"${text}" is not a path`),
});

export const tokensSchema: z.ZodType<TokensSection> = z.strictObject({
  path: pathSchema.optional(),
  for: durationSchema.optional().describe("How long a token lives that asked for nothing else. Default 24h."),
});

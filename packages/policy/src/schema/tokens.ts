import * as z from "zod";
import { durationSchema } from "../duration.ts";
import { plainPathSchema } from "../plain-path.ts";

/** How callers get tokens for their keys. */
export interface TokensSection {
  readonly path?: string | undefined;
  readonly for?: string | undefined;
}

export const tokensSchema: z.ZodType<TokensSection> = z.strictObject({
  path: plainPathSchema("POST here gives a token for a key. Default /v1/tokens.", "/v1/tokens").optional(),
  for: durationSchema.optional().describe("How long a token lives that asked for nothing else. Default 24h."),
});

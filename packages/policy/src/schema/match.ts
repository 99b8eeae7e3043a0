import * as z from "zod";
import { globSchema } from "../glob.ts";
import { freeNameSchema, tokenSchema } from "../name.ts";
import { oneOrMore } from "../text-format.ts";

/** Which requests. All given fields must hold; of a list, any; of `not`, not all. */
export interface MatchSection {
  readonly path?: string | string[] | undefined;
  readonly methods?: string | string[] | undefined;
  readonly authenticated?: boolean | undefined;
  readonly endpoint?: string | string[] | undefined;
  readonly plan?: string | string[] | undefined;
  readonly headers?: Record<string, string | true> | undefined;
  readonly not?: MatchSection | undefined;
}

const HEADER_HINT = "the value it must have, in which * stands for anything; or true if any will do";

export const matchSchema: z.ZodType<MatchSection> = z
  .strictObject({
    path: oneOrMore(globSchema, "a pattern such as /v1/**").optional().describe("Patterns of paths; any of them."),
    methods: oneOrMore(tokenSchema("a method", "A method, in upper case."), "a method")
      .optional()
      .describe("Methods; any of them."),
    authenticated: z.boolean().optional().describe("Whether a credential was presented that counts as valid."),
    endpoint: oneOrMore(z.string(), "the name of an endpoint").optional().describe("Named endpoints; any of them."),
    plan: oneOrMore(freeNameSchema("a plan's name", "A plan."), "the name of a plan")
      .optional()
      .describe("Plans of the caller's account; any of them."),
    headers: z
      .record(
        tokenSchema("a header's name", "A request header."),
        z.union([z.string(), z.literal(true)], { error: HEADER_HINT }),
      )
      .optional()
      .describe("Headers by name: the value, in which * stands for anything, or true if any will do. All of them."),
    get not() {
      return matchSchema.optional().describe("The same fields; where all of them hold, the limit does not apply.");
    },
  })
  .describe("Which requests. All given fields must hold. Default: every request.")
  .meta({ id: "match" });

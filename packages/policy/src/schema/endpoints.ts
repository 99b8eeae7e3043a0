import * as z from "zod";
import { globFault } from "../glob.ts";
import { splitMethod } from "../route.ts";
import { oneOrMore, textFormat } from "../text-format.ts";

/** Patterns by the name of their group; `openapi` is a file to take more from. */
export interface EndpointsSection {
  readonly openapi?: string | undefined;
  readonly [group: string]: string | string[] | undefined;
}

const HINT = "a path such as /v1/meters/{id}, with a method before it if only that one counts: POST /v1/token";

const pattern = textFormat({
  code: "HG_POLICY_GLOB",
  description: "A pattern of paths, with a method before it if only that one counts.",
  hint: HINT,
  fault: (text) => globFault(splitMethod(text).path),
});

export const endpointsSchema: z.ZodType<EndpointsSection> = z
  .object({ openapi: z.string().optional().describe("An OpenAPI file whose path templates are endpoints.") })
  .catchall(oneOrMore(pattern, HINT))
  .describe("Named groups of routes, for `match` and `per: endpoint`.");

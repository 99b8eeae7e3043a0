import * as z from "zod";
import { policyFileSchema } from "./schema/policy-file.ts";

/** A JSON Schema, as far as it is read here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** The policy file's JSON Schema (draft 7, which editors know best). Published as `@headgate/policy/schema.json`. */
export function policyJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(policyFileSchema, { target: "draft-7" });
  return { ...(schema as JsonSchema), title: "Headgate policy" };
}

import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";

/**
 * Holds what is sent to its schema, as it is: nothing is dropped or filled in, and of a body nothing is converted. A
 * query's values are texts, and are read as the numbers and truths that the schema asks for where they are exactly that.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  return (sent: unknown) => {
    const value = httpPart === "querystring" ? readQuery(schema, sent as Record<string, unknown>) : sent;
    return check.Check(value) ? { value } : { error: check.Errors(value) };
  };
};

function readQuery(schema: TSchema, query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { properties } = schema as { properties: Readonly<Record<string, { type?: string }>> };
  return Object.fromEntries(
    Object.entries(query).map(([name, text]) => [name, readValue(properties[name]?.type, text)]),
  );
}

function readValue(type: string | undefined, text: unknown): unknown {
  if (type === "integer" && /^\d{1,9}$/.test(String(text))) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

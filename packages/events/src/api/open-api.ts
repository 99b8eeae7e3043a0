import { STATUS_CODES } from "node:http";
import Type, { type TSchema } from "typebox";
import type { DescribedAnswer, Operation, Route } from "./route.ts";
import {
  batchReportSchema,
  eventListSchema,
  eventSchema,
  newBatchSchema,
  newEventSchema,
  problemSchema,
  refTo,
} from "./schemas.ts";

/** An OpenAPI 3.1 document, as far as its outermost shape goes. */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: object;
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, TSchema>>; readonly securitySchemes: object };
}

/** What any route may be refused with. */
const ALWAYS = [400, 401, 403, 429, 500, 503];
const BODY_PROBLEMS = [413, 415, 422];

/** The schemas that have a name of their own; routes add theirs by using them. */
const SCHEMAS = [newEventSchema, eventSchema, eventListSchema, newBatchSchema, batchReportSchema, problemSchema];

const DESCRIPTION = `Add events, one or many with a request; list them, take them as a stream, by webhook or as a file; and
verify that nobody has changed them. What goes wrong is told as a problem (RFC 9457) with a stable \`code\`. How many
requests are admitted, and what a refusal looks like, is the policy's affair.`;

/** Describes these routes. */
export function describe(routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Headgate events API",
      version: "1",
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    security: [{ key: [] }],
    paths,
    components: {
      schemas: named([...SCHEMAS, ...routes.flatMap(schemasOf)]),
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key, or a token minted from one." },
        widget: { type: "http", scheme: "bearer", description: "A widget token." },
      },
    },
  };
}

function describeRoute({ path, query, body, audience, operation }: Route): object {
  const { operationId, summary, description, tag, headers = {} } = operation;
  const schema = body ?? operation.requestBody;
  return {
    operationId,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    ...(audience === "anyone" && { security: [] }),
    ...(audience === "widget" && { security: [{ widget: [] }] }),
    parameters: [...pathParameters(path), ...queryParameters(query), ...headerParameters(headers)],
    ...(schema && { requestBody: describeBody(schema) }),
    responses: { ...answersOf(operation), ...problemsOf(operation, schema !== undefined) },
  };
}

/** A body of which every field may be left out may be left out as a whole. */
function describeBody(schema: TSchema): object {
  const { type, required = [] } = schema as { readonly type?: string; readonly required?: readonly string[] };
  const mayBeLeftOut = type === "object" && required.length === 0;
  return { required: !mayBeLeftOut, content: { "application/json": { schema: byName(schema) } } };
}

function answersOf({ answers }: Operation): Record<string, object> {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)]));
}

function describeAnswer({ description, type, schema, headers }: DescribedAnswer): object {
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: "string" } }]),
      ),
    }),
    ...(type !== undefined && schema && { content: contentOf(type, schema) }),
  };
}

function contentOf(types: string | readonly string[], schema: TSchema): object {
  return Object.fromEntries([types].flat().map((type) => [type, { schema: byName(schema) }]));
}

function problemsOf({ problems = [], answers }: Operation, hasBody: boolean): Record<string, object> {
  const statuses = new Set([...ALWAYS, ...problems, ...(hasBody ? BODY_PROBLEMS : [])]);
  const content = { "application/problem+json": { schema: refTo(problemSchema) } };
  return Object.fromEntries(
    [...statuses]
      .filter((status) => !(status in answers))
      .toSorted((a, b) => a - b)
      // The refusals of the policy have whatever shape it gives them.
      .map((status) => [
        status,
        {
          description: STATUS_CODES[status],
          ...(status !== 401 && status !== 429 && status !== 413 && { content }),
        },
      ]),
  );
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: Type.String(),
  }));
}

function queryParameters(query: TSchema | undefined): object[] {
  const { properties = {}, required = [] } = (query ?? {}) as {
    properties?: Readonly<Record<string, TSchema & { description?: string }>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    ...(required.includes(name) && { required: true }),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function headerParameters(headers: Readonly<Record<string, string>>): object[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: "header",
    description,
    schema: { type: "string" },
  }));
}

function byName(schema: TSchema): TSchema {
  return nameOf(schema) === undefined ? schema : refTo(schema);
}

function nameOf(schema: TSchema): string | undefined {
  return (schema as { $id?: string }).$id;
}

function schemasOf({ body, operation }: Route): TSchema[] {
  const all = [body, operation.requestBody, ...Object.values(operation.answers).map(({ schema }) => schema)];
  return all.filter((schema) => schema !== undefined);
}

function named(schemas: readonly TSchema[]): Record<string, TSchema> {
  const byId: Record<string, TSchema> = {};
  for (const schema of schemas) {
    const { $id, ...rest } = schema as TSchema & { $id?: string };
    if ($id !== undefined) byId[$id] = rest as TSchema;
  }
  return byId;
}

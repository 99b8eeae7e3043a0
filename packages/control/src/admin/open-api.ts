import swagger from "@fastify/swagger";
import Type, { type TSchema } from "typebox";
import type { AdminApp } from "./admin-options.ts";
import { jsonAnswer, refusals } from "./answers.ts";
import { problemSchema } from "./problem.ts";
import { accountSchema } from "./records/account.ts";
import { apiKeySchema, newApiKeySchema } from "./records/api-key.ts";
import { auditEntrySchema, auditVerdictSchema } from "./records/audit-entry.ts";
import { overrideSchema } from "./records/override.ts";
import { suspensionSchema } from "./records/suspension.ts";
import { newTokenSchema, tokenSchema } from "./records/token.ts";
import { usageReportSchema, usageSchema } from "./records/usage.ts";

const SCHEMAS = [
  accountSchema,
  apiKeySchema,
  newApiKeySchema,
  tokenSchema,
  newTokenSchema,
  overrideSchema,
  suspensionSchema,
  usageSchema,
  usageReportSchema,
  auditEntrySchema,
  auditVerdictSchema,
  problemSchema,
];

const DESCRIPTION = `Accounts, keys, tokens, overrides and suspensions on record, the audit of every change, and live usage.

Every path under \`/admin/v1\` needs the admin token. Lists come in pages: ask for \`next_cursor\` as \`cursor\`. Single
records carry their version as ETag; send it as If-Match with a change, and it fails with 412 where somebody else was
faster. Times are ISO 8601 in UTC; durations are written as in the policy: \`90s\`, \`24h\`, \`30d\`. What goes wrong is
told as a problem (RFC 9457) with a stable \`code\`.`;

/** Describes the routes that are added after this, in OpenAPI 3.1. */
export function describeRoutes(app: AdminApp, moreSchemas: readonly TSchema[] = []): void {
  for (const schema of [...SCHEMAS, ...moreSchemas]) app.addSchema(schema);
  app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Headgate admin API", version: "1", description: DESCRIPTION, license: LICENSE },
      components: {
        securitySchemes: {
          adminToken: { type: "http", scheme: "bearer", description: "The admin token, as `headgate serve` tells it." },
        },
      },
      security: [{ adminToken: [] }],
    },
    convertConstToEnum: false,
    transformObject: (description) => {
      if (!("openapiObject" in description)) return description.swaggerObject;
      letBodiesBeLeftOut(description.openapiObject as Description);
      return description.openapiObject;
    },
    refResolver: { buildLocalReference: (json, _uri, _fragment, i) => String(json.$id ?? `schema-${i}`) },
  });
}

/** As much of an OpenAPI document as matters here. */
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: RequestBody }>>>>;
}

interface RequestBody {
  required: boolean;
  readonly content: Readonly<Record<string, { readonly schema: { readonly required?: readonly string[] } }>>;
}

/** Swagger takes every body for required; one without required fields may be left out as a whole. */
function letBodiesBeLeftOut({ paths }: Description): void {
  for (const { requestBody } of Object.values(paths).flatMap((path) => Object.values(path))) {
    if (requestBody) requestBody.required = requestBody.content["application/json"]?.schema.required !== undefined;
  }
}

const LICENSE = { name: "Apache-2.0", identifier: "Apache-2.0" };

/** Adds `/admin/v1/openapi.json`. It needs the token like everything beside it: one rule, without exceptions. */
export function addOpenApiRoute(app: AdminApp): void {
  app.get(
    "/openapi.json",
    {
      schema: {
        operationId: "describe",
        summary: "This description",
        tags: ["Description"],
        response: { 200: jsonAnswer("OpenAPI 3.1.", Type.Object({})), ...refusals() },
      },
    },
    async (_request, reply) => reply.send(app.swagger()),
  );
}

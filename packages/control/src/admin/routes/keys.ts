import Type from "typebox";
import type { AdminApp, AdminContext } from "../admin-options.ts";
import { BODY_REFUSALS, createdAnswer, emptyAnswer, jsonAnswer, recordAnswer, refusals } from "../answers.ts";
import { namedIn, nothing, only } from "../body.ts";
import { durationField, durationMs, endOf, instantField } from "../instants.ts";
import { pageFields, pageJson, pageRequestOf, pageSchema } from "../pagination.ts";
import { credentialWarning, keyPrefixOf } from "../policy-names.ts";
import { etagOf, ifMatch, ifNoneMatch, preconditionOf, sendRecord } from "../preconditions.ts";
import { apiKeyJson, apiKeySchema, newApiKeySchema } from "../records/api-key.ts";
import { instantOrNull, textOrNull } from "../schema.ts";

const tags = ["Keys"];
const params = only({ id: Type.String({ description: "`key_…`" }) });
const scopes = Type.Optional(
  Type.Array(Type.String(), { description: "`read`, `write`, and what the upstream knows. Default: read and write." }),
);
/** How many characters of a secret its `start` shows after the prefix. */
const SHOWN_CHARACTERS = 4;

/** Adds what there is under `/admin/v1/keys`. */
export function addKeyRoutes(app: AdminApp, context: AdminContext): void {
  const { control, actor, clock } = context;

  app.post(
    "/keys",
    {
      schema: {
        operationId: "createKey",
        summary: "Create a key",
        description: "The answer holds the secret, which is shown this once.",
        tags,
        body: only({
          account: Type.String({ description: "The account's id, or its name." }),
          name: Type.Optional(Type.String({ description: "What people call it." })),
          prefix: Type.Optional(Type.String({ description: "How the secret begins. Default: as the policy says." })),
          scopes,
          expires_in: durationField("How long the key is good. Default: it does not expire."),
          expires_at: instantField("Until when the key is good, instead of `expires_in`."),
        }),
        response: { 201: createdAnswer("The key and its secret.", newApiKeySchema), ...refusals(...BODY_REFUSALS) },
      },
    },
    async ({ body }, reply) => {
      const prefix = keyPrefixOf(context, body.prefix);
      const expiresAt = endOf(body, { lasting: "expires_in", until: "expires_at" }, clock());
      const fields = { prefix, name: body.name, scopes: body.scopes, expiresAt };
      // First what is wrong with the key itself: whoever makes an account for it makes none for nothing.
      control.keys.check(fields);
      const { id: accountId } = await namedIn("account", () => control.accounts.get(body.account));
      const { key, secret } = await control.keys.create({ accountId, ...fields }, actor);
      reply.code(201).headers({ Location: `/admin/v1/keys/${key.id}`, ETag: etagOf(key) });
      return reply.send({ ...apiKeyJson(key), secret, warning: credentialWarning(context) });
    },
  );

  app.get(
    "/keys",
    {
      schema: {
        operationId: "listKeys",
        summary: "List keys",
        tags,
        querystring: only({
          account: Type.Optional(Type.String({ description: "Only this account's: its id, or its name." })),
          ...pageFields,
        }),
        response: { 200: jsonAnswer("A page of keys.", pageSchema(apiKeySchema)), ...refusals(404) },
      },
    },
    async ({ query }, reply) => {
      const accountId = query.account === undefined ? undefined : (await control.accounts.get(query.account)).id;
      return reply.send(pageJson(await control.keys.list({ accountId }, pageRequestOf(query)), apiKeyJson));
    },
  );

  app.get(
    "/keys/:id",
    {
      schema: {
        operationId: "getKey",
        summary: "Show a key",
        tags,
        params,
        headers: ifNoneMatch,
        response: {
          200: recordAnswer("The key.", apiKeySchema),
          304: emptyAnswer("It is as the reader has it."),
          ...refusals(404),
        },
      },
    },
    async (request, reply) => {
      const key = await control.keys.get(request.params.id);
      return sendRecord(request, reply, key, apiKeyJson(key));
    },
  );

  app.patch(
    "/keys/:id",
    {
      schema: {
        operationId: "updateKey",
        summary: "Change a key's name, scopes or end",
        tags,
        params,
        body: only({
          name: Type.Optional(textOrNull("Null takes the name away.")),
          scopes,
          expires_in: durationField("How long from now the key is good."),
          expires_at: Type.Optional(
            instantOrNull("Until when the key is good; null for as long as it is not revoked."),
          ),
        }),
        headers: ifMatch,
        response: { 200: recordAnswer("The key.", apiKeySchema), ...refusals(404, 409, 412, ...BODY_REFUSALS) },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const end = endOf(body, { lasting: "expires_in", until: "expires_at" }, clock());
      const expiresAt = body.expires_at === null ? null : end;
      const precondition = await preconditionOf(request, () => control.keys.get(params.id));
      const fields = { name: body.name, scopes: body.scopes, expiresAt };
      const key = await control.keys.update(params.id, fields, actor, precondition);
      return reply.header("ETag", etagOf(key)).send(apiKeyJson(key));
    },
  );

  app.post(
    "/keys/:id/rotate",
    {
      schema: {
        operationId: "rotateKey",
        summary: "Give a key a new secret",
        description: "The key stays the same key: its id, its counters and its overrides.",
        tags,
        params,
        body: only({
          overlap: durationField("How long the old secret stays good: default 24h; `0s` ends it at once."),
        }),
        headers: ifMatch,
        response: {
          200: recordAnswer("The key and its new secret.", newApiKeySchema),
          ...refusals(404, 409, 412, ...BODY_REFUSALS),
        },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const overlapMs = durationMs("overlap", body.overlap ?? "24h");
      const { start } = await control.keys.get(params.id);
      const precondition = await preconditionOf(request, () => control.keys.get(params.id));
      const fields = { prefix: start.slice(0, -SHOWN_CHARACTERS), overlapMs };
      const { key, secret } = await control.keys.rotate(params.id, fields, actor, precondition);
      return reply
        .header("ETag", etagOf(key))
        .send({ ...apiKeyJson(key), secret, warning: credentialWarning(context) });
    },
  );

  app.post(
    "/keys/:id/revoke",
    {
      schema: {
        operationId: "revokeKey",
        summary: "Revoke a key, with all its tokens",
        description: "For good. A key that is revoked already stays as it is.",
        tags,
        params,
        body: nothing,
        headers: ifMatch,
        response: { 200: recordAnswer("The key, revoked.", apiKeySchema), ...refusals(404, 412, ...BODY_REFUSALS) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const precondition = await preconditionOf(request, () => control.keys.get(id));
      const key = await control.keys.revoke(id, actor, precondition);
      return reply.header("ETag", etagOf(key)).send(apiKeyJson(key));
    },
  );
}

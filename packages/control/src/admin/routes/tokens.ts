import Type from "typebox";
import { tokenPrefixFor } from "../../token-prefix.ts";
import type { AdminApp, AdminContext } from "../admin-options.ts";
import { BODY_REFUSALS, createdAnswer, emptyAnswer, jsonAnswer, recordAnswer, refusals } from "../answers.ts";
import { namedIn, nothing, only } from "../body.ts";
import { durationField, durationMs } from "../instants.ts";
import { pageFields, pageJson, pageRequestOf, pageSchema } from "../pagination.ts";
import { credentialWarning, knownPolicy } from "../policy-names.ts";
import { etagOf, ifMatch, ifNoneMatch, preconditionOf, sendRecord } from "../preconditions.ts";
import { newTokenSchema, tokenJson, tokenSchema } from "../records/token.ts";

const tags = ["Tokens"];
const params = only({ id: Type.String({ description: "`tok_…`" }) });
/** How long a token lives where neither the request nor a policy says. */
const DEFAULT_LIFETIME_MS = 24 * 3_600_000;

/** Adds what there is under `/admin/v1/tokens`. */
export function addTokenRoutes(app: AdminApp, context: AdminContext): void {
  const { control, actor } = context;
  app.post(
    "/tokens",
    {
      schema: {
        operationId: "mintToken",
        summary: "Mint a token from a key",
        description: "The answer holds the secret, which is shown this once.",
        tags,
        body: only({
          key: Type.String({ description: "The key's id." }),
          widget: Type.Optional(Type.Boolean({ description: "For pages that strangers see: read only." })),
          actor: Type.Optional(
            Type.String({
              description: "A widget's: the one actor whose events it shows. Without `actor` or `target`, all events.",
            }),
          ),
          target: Type.Optional(
            Type.String({ description: "A widget's: the one target whose events it shows, in place of `actor`." }),
          ),
          for: durationField("How long the token is good. Default: as the policy says, else 24h."),
          scopes: Type.Optional(Type.Array(Type.String(), { description: "Some of the key's. Default: all of them." })),
        }),
        response: {
          201: createdAnswer("The token and its secret.", newTokenSchema),
          ...refusals(409, ...BODY_REFUSALS),
        },
      },
    },
    async ({ body }, reply) => {
      const issuing = knownPolicy(context)?.issuing;
      const kind = body.widget ? "widget" : "access";
      const fields = {
        keyId: body.key,
        kind,
        prefix: tokenPrefixFor(issuing, kind),
        lifetimeMs:
          body.for === undefined ? (issuing?.tokenLifetimeMs ?? DEFAULT_LIFETIME_MS) : durationMs("for", body.for),
        scopes: body.scopes,
        actor: body.actor,
        target: body.target,
      } as const;
      const { token, secret } = await namedIn("key", () => control.tokens.mint(fields, actor));
      reply.code(201).headers({ Location: `/admin/v1/tokens/${token.id}`, ETag: etagOf(token) });
      return reply.send({ ...tokenJson(token), secret, warning: credentialWarning(context) });
    },
  );

  app.get(
    "/tokens",
    {
      schema: {
        operationId: "listTokens",
        summary: "List tokens",
        tags,
        querystring: only({
          account: Type.Optional(Type.String({ description: "Only this account's: its id, or its name." })),
          key: Type.Optional(Type.String({ description: "Only those minted from this key." })),
          ...pageFields,
        }),
        response: { 200: jsonAnswer("A page of tokens.", pageSchema(tokenSchema)), ...refusals(404) },
      },
    },
    async ({ query }, reply) => {
      const accountId = query.account === undefined ? undefined : (await control.accounts.get(query.account)).id;
      const keyId = query.key === undefined ? undefined : (await control.keys.get(query.key)).id;
      return reply.send(pageJson(await control.tokens.list({ accountId, keyId }, pageRequestOf(query)), tokenJson));
    },
  );

  app.get(
    "/tokens/:id",
    {
      schema: {
        operationId: "getToken",
        summary: "Show a token",
        tags,
        params,
        headers: ifNoneMatch,
        response: {
          200: recordAnswer("The token.", tokenSchema),
          304: emptyAnswer("It is as the reader has it."),
          ...refusals(404),
        },
      },
    },
    async (request, reply) => {
      const token = await control.tokens.get(request.params.id);
      return sendRecord(request, reply, token, tokenJson(token));
    },
  );

  app.post(
    "/tokens/:id/revoke",
    {
      schema: {
        operationId: "revokeToken",
        summary: "Revoke a token",
        description: "For good. A token that is revoked already stays as it is.",
        tags,
        params,
        body: nothing,
        headers: ifMatch,
        response: { 200: recordAnswer("The token, revoked.", tokenSchema), ...refusals(404, 412, ...BODY_REFUSALS) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const precondition = await preconditionOf(request, () => control.tokens.get(id));
      const token = await control.tokens.revoke(id, actor, precondition);
      return reply.header("ETag", etagOf(token)).send(tokenJson(token));
    },
  );
}

import { parseDuration } from "@headgate/policy";
import Type, { type TSchema } from "typebox";
import { type EventsAnswer, emptyAnswer, jsonAnswer } from "../api/answer.ts";
import { isFresh } from "../api/freshness.ts";
import type { Call, Route } from "../api/route.ts";
import { Refusal } from "../problem.ts";
import { cursorField, limitField } from "../query/filter-query.ts";
import { MESSAGE_TYPES, type MessageType, type Webhook } from "./webhook.ts";
import { newWebhookJson, newWebhookSchema, webhookJson, webhookListSchema, webhookSchema } from "./webhook-json.ts";
import { etagOf, preconditionOf } from "./webhook-precondition.ts";
import type { WebhookRegistry } from "./webhook-registry.ts";
import { isSecret } from "./webhook-secret.ts";

const tag = "Webhooks";
const path = "/v1/webhooks/{id}";
const PAGE_ITEMS = 50;
const LONGEST_OVERLAP_MS = 400 * 86_400_000;
const ETAG = { ETag: "The webhook's version, for If-Match and If-None-Match." };
const IF_MATCH = { "If-Match": "The change is only made where the ETag is one of these still." };

const changeable = {
  url: Type.String({ description: "An http or https URL of at most 2048 characters, on the internet." }),
  events: Type.Array(Type.Unsafe<MessageType>({ type: "string", enum: MESSAGE_TYPES }), {
    minItems: 1,
    uniqueItems: true,
    description: "What it is told of.",
  }),
  batch: Type.Boolean({ default: false, description: "Whether events are sent in groups." }),
  description: Type.Unsafe<string | null>({
    type: ["string", "null"],
    maxLength: 500,
    pattern: "^[^\\u0000-\\u001f\\u007f]*$",
    description: "What people call it.",
  }),
};

const newWebhook = Type.Object(
  {
    url: changeable.url,
    events: changeable.events,
    batch: Type.Optional(changeable.batch),
    description: Type.Optional(changeable.description),
    secret: Type.Optional(
      Type.String({ description: "`whsec_` and 24 to 64 bytes in base64. Default: one is made, which is best." }),
    ),
  },
  { additionalProperties: false },
);

const webhookChanges = Type.Object(
  {
    url: Type.Optional(changeable.url),
    events: Type.Optional(changeable.events),
    batch: Type.Optional(changeable.batch),
    description: Type.Optional(changeable.description),
    enabled: Type.Optional(Type.Boolean({ description: "True forgets too why it was disabled." })),
  },
  { additionalProperties: false },
);

const rotation = Type.Object(
  {
    overlap: Type.Optional(
      Type.String({
        pattern: "^[0-9]{1,12}(ms|s|m|h|d)$",
        default: "24h",
        description: "How long the old secret signs too, at most 400d; `0s` ends it at once.",
      }),
    ),
  },
  { additionalProperties: false },
);

/** What there is under `/v1/webhooks`, besides deliveries. */
export function webhookRoutes(registry: WebhookRegistry): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/webhooks",
      audience: "account",
      body: newWebhook,
      operation: {
        operationId: "createWebhook",
        summary: "Create a webhook",
        description:
          "It is told of what is committed from now on. The answer holds the secret that signs its messages, which is " +
          "shown this once. The URL is asked by HEAD whether it redirects.",
        tag,
        answers: {
          201: {
            ...jsonOf("The webhook and its secret.", newWebhookSchema),
            headers: { ...ETAG, Location: "Where the webhook is." },
          },
        },
        problems: [409],
      },
      async handle({ body, accountId }) {
        const { url, events, batch = false, description, secret } = body as NewWebhookBody;
        if (secret !== undefined) checkSecret(secret);
        const fields = { url, types: events, isBatch: batch, description: description ?? undefined, secret };
        const webhook = await registry.create(accountId, fields);
        const headers = ["Location", `/v1/webhooks/${webhook.id}`, "ETag", etagOf(webhook)];
        return jsonAnswer(201, newWebhookJson(webhook), headers);
      },
    },
    {
      method: "GET",
      path: "/v1/webhooks",
      audience: "account",
      query: Type.Object({ limit: limitField, cursor: cursorField }, { additionalProperties: false }),
      operation: {
        operationId: "listWebhooks",
        summary: "List webhooks",
        tag,
        answers: { 200: jsonOf("A page of webhooks, in the order they were created.", webhookListSchema) },
      },
      async handle({ query, accountId }) {
        const { limit = PAGE_ITEMS, cursor } = query as { limit?: number; cursor?: string };
        const { webhooks, nextCursor } = await registry.list(accountId, { limit, cursor });
        return jsonAnswer(200, { items: webhooks.map(webhookJson), next_cursor: nextCursor ?? null });
      },
    },
    {
      method: "GET",
      path,
      audience: "account",
      operation: {
        operationId: "getWebhook",
        summary: "Show a webhook",
        tag,
        answers: {
          200: { ...jsonOf("The webhook.", webhookSchema), headers: ETAG },
          304: { description: "It is as the reader has it.", headers: ETAG },
        },
        problems: [404],
        headers: { "If-None-Match": "304 is answered where the ETag is one of these still." },
      },
      async handle({ params: { id = "" }, request, accountId }) {
        const webhook = await registry.get(accountId, id);
        const etag = etagOf(webhook);
        return isFresh(request.headers, etag) ? emptyAnswer(304, ["ETag", etag]) : webhookAnswer(webhook);
      },
    },
    {
      method: "PATCH",
      path,
      audience: "account",
      body: webhookChanges,
      operation: {
        operationId: "updateWebhook",
        summary: "Change, disable or enable a webhook",
        tag,
        answers: { 200: { ...jsonOf("The webhook.", webhookSchema), headers: ETAG } },
        problems: [404, 412],
        headers: IF_MATCH,
      },
      async handle({ params: { id = "" }, request, body, accountId }) {
        const { url, events, batch, description, enabled } = body as WebhookChangesBody;
        const changes = { url, types: events, isBatch: batch, description, isEnabled: enabled };
        return webhookAnswer(await registry.update(accountId, id, changes, preconditionOf(request.headers)));
      },
    },
    {
      method: "DELETE",
      path,
      audience: "account",
      operation: {
        operationId: "deleteWebhook",
        summary: "Delete a webhook, with its deliveries",
        tag,
        answers: { 204: { description: "It is gone." } },
        problems: [404, 412],
        headers: IF_MATCH,
      },
      async handle({ params: { id = "" }, request, accountId }) {
        await registry.remove(accountId, id, preconditionOf(request.headers));
        return emptyAnswer(204);
      },
    },
    {
      method: "POST",
      path: `${path}/rotate`,
      audience: "account",
      body: rotation,
      operation: {
        operationId: "rotateWebhook",
        summary: "Give a webhook a new secret",
        description: "Until the overlap ends, messages are signed with both: take up the new one in the meantime.",
        tag,
        answers: { 200: { ...jsonOf("The webhook and its new secret.", newWebhookSchema), headers: ETAG } },
        problems: [404, 412],
        headers: IF_MATCH,
      },
      async handle(call) {
        const { params, request, accountId } = call;
        const webhook = await registry.rotate(
          accountId,
          params.id ?? "",
          overlapMsOf(call),
          preconditionOf(request.headers),
        );
        return jsonAnswer(200, newWebhookJson(webhook), ["ETag", etagOf(webhook)]);
      },
    },
  ];
}

interface NewWebhookBody {
  readonly url: string;
  readonly events: readonly MessageType[];
  readonly batch?: boolean;
  readonly description?: string | null;
  readonly secret?: string;
}

type WebhookChangesBody = Partial<Omit<NewWebhookBody, "secret">> & { readonly enabled?: boolean };

function jsonOf(description: string, schema: TSchema) {
  return { description, type: "application/json", schema };
}

function webhookAnswer(webhook: Webhook): EventsAnswer {
  return jsonAnswer(200, webhookJson(webhook), ["ETag", etagOf(webhook)]);
}

/** What the body says; it may be left out. Throws `HG_EVENTS_BODY`. */
function overlapMsOf(call: Call): number {
  const { overlap = "24h" } = call.request.body.length === 0 ? {} : (call.body as { overlap?: string });
  const overlapMs = parseDuration(overlap);
  if (overlapMs !== undefined && overlapMs <= LONGEST_OVERLAP_MS) return overlapMs;
  throw bodyFault("overlap", "must be a duration of at most 400d");
}

function checkSecret(secret: string): void {
  if (!isSecret(secret))
    throw bodyFault("secret", "must be `whsec_` and the base64 of 24 to 64 bytes, with its padding");
}

function bodyFault(field: string, detail: string): Refusal {
  return new Refusal("HG_EVENTS_BODY", `\`${field}\` ${detail}`, { faults: [{ pointer: `#/${field}`, detail }] });
}

import Type, { type TSchema } from "typebox";
import { refTo } from "../api/schemas.ts";
import { MESSAGE_TYPES, type MessageType, type Webhook } from "./webhook.ts";

/** A webhook as the API shows it. */
export interface WebhookJson {
  readonly id: string;
  readonly url: string;
  readonly events: readonly MessageType[];
  readonly batch: boolean;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly disabled_at: string | null;
  readonly disabled_reason: "owner" | "operator" | "gone" | "failing" | null;
  readonly failing_since: string | null;
  readonly previous_until: string | null;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A webhook as it is shown once, when its secret is made. */
export interface NewWebhookJson extends WebhookJson {
  readonly secret: string;
}

const instantOrNull = (description: string): TSchema =>
  Type.Unsafe({ type: ["string", "null"], format: "date-time", description });

/** What is shown of a webhook, field by field. */
export const webhookFields: { readonly [Field in keyof WebhookJson]: TSchema } = {
  id: Type.String({ pattern: "^whk_[0-9a-hjkmnp-tv-z]{26}$" }),
  url: Type.String({ description: "Where messages are sent by POST." }),
  events: Type.Array(Type.Unsafe({ type: "string", enum: MESSAGE_TYPES }), { description: "What it is told of." }),
  batch: Type.Boolean({ description: "Whether events are sent in groups." }),
  description: Type.Unsafe({ type: ["string", "null"], description: "What people call it." }),
  enabled: Type.Boolean({ description: "Whether messages are sent." }),
  disabled_at: instantOrNull("Null while it is enabled."),
  disabled_reason: Type.Unsafe({
    enum: ["owner", "operator", "gone", "failing", null],
    description:
      "Who did it, or why: `gone`: it answered 410. `failing`: it has failed for days. Null while it is enabled.",
  }),
  failing_since: instantOrNull("When the failures began that go on; null after a success."),
  previous_until: instantOrNull("Until when the secret before the last rotation signs too."),
  version: Type.Integer({ minimum: 1, description: "One more with every change. In quotes it is the ETag." }),
  created_at: Type.String({ format: "date-time" }),
  updated_at: Type.String({ format: "date-time" }),
};

export const webhookSchema: TSchema = Type.Object(webhookFields, { $id: "Webhook", additionalProperties: false });

export const newWebhookSchema: TSchema = Type.Object(
  {
    ...webhookFields,
    secret: Type.String({ description: "What signs its messages (Standard Webhooks). It is not shown again." }),
  },
  { $id: "NewWebhook", additionalProperties: false },
);

export const webhookListSchema: TSchema = Type.Object(
  {
    items: Type.Array(refTo(webhookSchema)),
    next_cursor: Type.Unsafe({
      type: ["string", "null"],
      description: "What to ask for as `cursor` to get the next page; null on the last.",
    }),
  },
  { $id: "WebhookList", additionalProperties: false },
);

export function webhookJson(webhook: Webhook): WebhookJson {
  return {
    id: webhook.id,
    url: webhook.url,
    events: webhook.types,
    batch: webhook.isBatch,
    description: webhook.description ?? null,
    enabled: webhook.disabledAt === undefined,
    disabled_at: isoOrNull(webhook.disabledAt),
    disabled_reason: webhook.disabledReason ?? null,
    failing_since: isoOrNull(webhook.failingSince),
    previous_until: isoOrNull(webhook.previousUntil),
    version: webhook.version,
    created_at: new Date(webhook.createdAt).toISOString(),
    updated_at: new Date(webhook.updatedAt).toISOString(),
  };
}

export function newWebhookJson(webhook: Webhook): NewWebhookJson {
  return { ...webhookJson(webhook), secret: webhook.secret };
}

function isoOrNull(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}

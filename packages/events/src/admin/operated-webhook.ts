import { recordSchema } from "@headgate/control/admin";
import Type, { type TUnsafe } from "typebox";
import type { Webhook } from "../webhooks/webhook.ts";
import { type WebhookJson, webhookFields, webhookJson } from "../webhooks/webhook-json.ts";

/** A webhook as operators see it: as its owner does, and whose it is. Never the secret. */
export interface OperatedWebhookJson extends WebhookJson {
  readonly account_id: string;
}

export const operatedWebhookSchema: TUnsafe<OperatedWebhookJson> = recordSchema<OperatedWebhookJson>(
  "Webhook",
  { ...webhookFields, account_id: Type.String({ description: "Whose it is." }) },
  {
    description: "Where an account wants to be told of what happens, and of what. Never its secret.",
    examples: [
      {
        id: "whk_01k5j8y3m2q4r6s8t0v2w4x6z8",
        account_id: "acc_01k5j8y3m2q4r6s8t0v2w4x6z8",
        url: "https://example.com/hooks",
        events: ["event.created"],
        batch: false,
        description: null,
        enabled: false,
        disabled_at: "2030-01-06T00:00:00.000Z",
        disabled_reason: "failing",
        failing_since: null,
        previous_until: null,
        version: 2,
        created_at: "2030-01-01T00:00:00.000Z",
        updated_at: "2030-01-06T00:00:00.000Z",
      },
    ],
  },
);

export function operatedWebhookJson(webhook: Webhook): OperatedWebhookJson {
  const { id, ...rest } = webhookJson(webhook);
  return { id, account_id: webhook.accountId, ...rest };
}

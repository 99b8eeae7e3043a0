import type { DeliveryRow } from "@headgate/storage";
import Type from "typebox";
import { jsonAnswer } from "../api/answer.ts";
import type { Call, Route } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import { cursorField, limitField } from "../query/filter-query.ts";
import {
  attemptedDeliveryJson,
  attemptedDeliverySchema,
  DELIVERY_STATES,
  deliveryJson,
  deliveryListSchema,
  deliverySchema,
} from "./delivery-json.ts";
import { DeliveryList, type DeliveryQuery, unknownDelivery } from "./delivery-list.ts";
import { type ReplayRangeJson, replayRangeOf, replayRangeSchema, replaySchema } from "./replay-range.ts";
import { Replays } from "./replays.ts";
import type { Webhook } from "./webhook.ts";

const tag = "Webhooks";
const base = "/v1/webhooks/{id}";
const PAGE_ITEMS = 50;

const listQuery = Type.Object(
  {
    state: Type.Optional(Type.Unsafe<DeliveryRow["state"]>({ type: "string", enum: DELIVERY_STATES })),
    limit: limitField,
    cursor: cursorField,
  },
  { additionalProperties: false },
);

/** What deliveries need of whoever keeps webhooks. */
export interface WebhookFinder {
  /** Rejects with `HG_WEBHOOK_UNKNOWN`. */
  get(accountId: string, id: string): Promise<Webhook>;
}

/** What there is under `/v1/webhooks/{id}/deliveries`, and what sends again. `wake` has an account looked at. */
export function deliveryRoutes(
  context: EventsContext,
  { webhooks, wake }: { readonly webhooks: WebhookFinder; readonly wake: (accountId: string) => void },
): readonly Route[] {
  const list = new DeliveryList(context);
  const replays = new Replays(context);
  const webhookOf = ({ accountId, params: { id = "" } }: Call): Promise<Webhook> => webhooks.get(accountId, id);
  return [
    {
      method: "GET",
      path: `${base}/deliveries`,
      audience: "account",
      query: listQuery,
      operation: {
        operationId: "listDeliveries",
        summary: "List a webhook's deliveries",
        description: "Those that have ended are kept for 30 days.",
        tag,
        answers: {
          200: { description: "The newest messages first.", type: "application/json", schema: deliveryListSchema },
        },
        problems: [404],
      },
      async handle(call) {
        const { limit = PAGE_ITEMS, cursor, state } = call.query as Partial<DeliveryQuery>;
        const { id } = await webhookOf(call);
        const { deliveries, nextCursor } = await list.page(id, { limit, cursor, state });
        return jsonAnswer(200, { items: deliveries.map(deliveryJson), next_cursor: nextCursor ?? null });
      },
    },
    {
      method: "GET",
      path: `${base}/deliveries/{message}`,
      audience: "account",
      operation: {
        operationId: "getDelivery",
        summary: "Show a delivery and its attempts",
        tag,
        answers: { 200: { description: "The delivery.", type: "application/json", schema: attemptedDeliverySchema } },
        problems: [404],
      },
      async handle(call) {
        const { id } = await webhookOf(call);
        const { row, attempts } = await list.get(id, call.params.message ?? "");
        return jsonAnswer(200, attemptedDeliveryJson(row, attempts));
      },
    },
    {
      method: "POST",
      path: `${base}/deliveries/{message}/replay`,
      audience: "account",
      operation: {
        operationId: "replayDelivery",
        summary: "Send a message again",
        description:
          "At once, or when the webhook is enabled, and then as the schedule says from its beginning on. The message has the same id and body.",
        tag,
        answers: {
          202: { description: "It will be sent.", type: "application/json", schema: deliverySchema },
        },
        problems: [404],
      },
      async handle(call) {
        const { id } = await webhookOf(call);
        const { message = "" } = call.params;
        if (!(await replays.replayOne(id, message))) throw unknownDelivery(message);
        wake(call.accountId);
        const { row } = await list.get(id, message);
        return jsonAnswer(202, deliveryJson(row));
      },
    },
    {
      method: "POST",
      path: `${base}/replay`,
      audience: "account",
      body: replayRangeSchema,
      operation: {
        operationId: "replayEvents",
        summary: "Send a time's events again",
        description:
          "Those too that were never sent, because there was no such webhook yet. They are sent in the background, besides what is new. Alone, an event's message has the id it had before; groups are made anew, with ids of their own.",
        tag,
        answers: { 202: { description: "They will be sent.", type: "application/json", schema: replaySchema } },
        problems: [404],
      },
      async handle(call) {
        const { from, to } = replayRangeOf(call.body as ReplayRangeJson, call.now);
        const webhook = await webhookOf(call);
        const events = await replays.replayRange(webhook, from, to);
        wake(call.accountId);
        return jsonAnswer(202, { events });
      },
    },
  ];
}

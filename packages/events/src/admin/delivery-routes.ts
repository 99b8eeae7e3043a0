import {
  type AdminApp,
  type AdminContext,
  BODY_REFUSALS,
  jsonAnswer,
  only,
  pageFields,
  pageSchema,
  refTo,
  refusals,
} from "@headgate/control/admin";
import type { DeliveryRow } from "@headgate/storage";
import Type from "typebox";
import { DELIVERY_STATES, deliveryJson, deliverySchema } from "../webhooks/delivery-json.ts";
import { replayRangeOf, replayRangeSchema, replaySchema } from "../webhooks/replay-range.ts";
import type { WebhookOffice } from "./webhook-office.ts";

const tags = ["Webhooks"];
const params = only({ id: Type.String({ description: "The webhook's: `whk_…`" }) });
const PAGE_ITEMS = 50;

/** Adds `/admin/v1/webhooks/{id}/deliveries`, and what sends again. */
export function addDeliveryRoutes(
  app: AdminApp,
  { control, actor, clock }: AdminContext,
  { webhooks, deliveries, replays, wake }: WebhookOffice,
): void {
  app.get(
    "/webhooks/:id/deliveries",
    {
      schema: {
        operationId: "listDeliveries",
        summary: "List a webhook's deliveries",
        description: "The newest messages first. Those that have ended are kept for 30 days.",
        tags,
        params,
        querystring: only({
          state: Type.Optional(Type.Unsafe<DeliveryRow["state"]>({ type: "string", enum: DELIVERY_STATES })),
          ...pageFields,
        }),
        response: { 200: jsonAnswer("A page of deliveries.", pageSchema(deliverySchema)), ...refusals(404) },
      },
    },
    async ({ params: { id }, query: { state, limit = PAGE_ITEMS, cursor } }, reply) => {
      const webhook = await webhooks.get(undefined, id);
      const page = await deliveries.page(webhook.id, { state, limit, cursor });
      return reply.send({ items: page.deliveries.map(deliveryJson), next_cursor: page.nextCursor ?? null });
    },
  );

  app.post(
    "/webhooks/:id/replay",
    {
      schema: {
        operationId: "replayWebhook",
        summary: "Send a time's events again",
        description:
          "Those too that were never sent. They are sent in the background, besides what is new; to a webhook that is disabled, when it is enabled.",
        tags,
        params,
        body: replayRangeSchema,
        response: { 202: jsonAnswer("They will be sent.", refTo(replaySchema)), ...refusals(404, ...BODY_REFUSALS) },
      },
    },
    async ({ params: { id }, body }, reply) => {
      const { from, to } = replayRangeOf(body, clock());
      const webhook = await webhooks.get(undefined, id);
      const after = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
      await control.audit.note({ action: "webhook.replayed", subject: { type: "webhook", id }, after }, actor);
      const events = await replays.replayRange(webhook, from, to);
      wake(webhook.accountId);
      return reply.code(202).send({ events });
    },
  );
}

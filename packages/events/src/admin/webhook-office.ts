import type { EventsContext } from "../context.ts";
import { DeliveryList } from "../webhooks/delivery-list.ts";
import { Replays } from "../webhooks/replays.ts";
import { WebhookEditor } from "../webhooks/webhook-editor.ts";
import { WebhookList } from "../webhooks/webhook-list.ts";

/** What operators' routes work with: webhooks on record, whether or not this process delivers. */
export interface WebhookOffice {
  readonly webhooks: WebhookList;
  readonly editor: WebhookEditor;
  readonly deliveries: DeliveryList;
  readonly replays: Replays;
  /** Has an account's webhooks looked at. */
  readonly wake: (accountId: string) => void;
}

export function webhookOffice(
  context: Pick<EventsContext, "storage" | "clock" | "newId" | "events" | "commits" | "seal">,
  wake: (accountId: string) => void,
): WebhookOffice {
  return {
    webhooks: new WebhookList(context),
    editor: new WebhookEditor(context),
    deliveries: new DeliveryList(context),
    replays: new Replays(context),
    wake,
  };
}

import type { Control } from "@headgate/control";
import type { AdminRoutes } from "@headgate/control/admin";
import { idMaker } from "../id.ts";
import { CommitSignal } from "../log/commit-signal.ts";
import { EventLog } from "../log/event-log.ts";
import { Seal } from "../seal.ts";
import { deliverySchema } from "../webhooks/delivery-json.ts";
import { replaySchema } from "../webhooks/replay-range.ts";
import { addDeliveryRoutes } from "./delivery-routes.ts";
import { operatedWebhookSchema } from "./operated-webhook.ts";
import { answerRefusals } from "./refusals.ts";
import { type WebhookOffice, webhookOffice } from "./webhook-office.ts";
import { addWebhookRoutes } from "./webhook-routes.ts";

/** What there is under `/admin/v1/webhooks`. */
export function webhookAdmin(office: WebhookOffice): AdminRoutes {
  return {
    schemas: [operatedWebhookSchema, deliverySchema, replaySchema],
    add(app, context) {
      answerRefusals(app);
      addWebhookRoutes(app, context, office);
      addDeliveryRoutes(app, context, office);
    },
  };
}

/** The same in a process that delivers nothing: what is to be sent waits for a server. Rejects with `HG_STORAGE_…`. */
export async function openWebhookAdmin({
  control: { storage },
  clock,
}: {
  readonly control: Control;
  /** Epoch ms. */
  readonly clock: () => number;
}): Promise<AdminRoutes> {
  const commits = new CommitSignal();
  const events = new EventLog(storage, commits);
  const seal = await Seal.open(storage);
  return webhookAdmin(webhookOffice({ storage, clock, newId: idMaker(), events, commits, seal }, () => {}));
}

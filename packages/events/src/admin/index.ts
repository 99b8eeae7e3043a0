export type { DeliveryJson } from "../webhooks/delivery-json.ts";
export type { ReplayJson } from "../webhooks/replay-range.ts";
export type { OperatedWebhookJson } from "./operated-webhook.ts";
export { openWebhookAdmin } from "./webhook-admin.ts";

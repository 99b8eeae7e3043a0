export type { RawBody } from "./raw-body.ts";
export type { WebhookHeaders } from "./signed-headers.ts";
export { type VerifyWebhookOptions, verifyWebhook, type WebhookMessage } from "./verify-webhook.ts";
export { WebhookError } from "./webhook-error.ts";

export type { StreamSettings } from "./event-stream.ts";
export type * as EventsApi from "./events-api.ts";
export { EventsApiError } from "./events-api-error.ts";
export { EventsClient, type EventsClientOptions, type SendSettings } from "./events-client.ts";
export type { CallSettings } from "./events-connection.ts";
export type { EventsExports, ExportSettings } from "./events-exports.ts";
export type { ChangeSettings, EventsWebhooks } from "./events-webhooks.ts";

export { type EventsAnswer, UNAUTHENTICATED } from "./api/answer.ts";
export type { EventsRequest } from "./api/request.ts";
export type { EventsServiceLog } from "./context.ts";
export { EVENTS_ERRORS, type EventsErrorCode } from "./errors.ts";
export { type EventsApi, type EventsApiOptions, type LimitNews, openEventsApi } from "./events-api.ts";
export type { WebhooksOptions } from "./webhooks/webhooks.ts";

/**
 * The codes of what the events API answers, and what each is about. Codes are stable and stand in the `code` member of
 * the answer's problem; `docs/reference/errors.md` says of every one what to do.
 */
export const EVENTS_ERRORS = {
  HG_EVENTS_JSON: "the body is not JSON in UTF-8",
  HG_EVENTS_QUERY: "the query's parameters are not those that this takes",
  HG_EVENTS_CURSOR: "a list cannot be continued from there",
  HG_EVENTS_IDEMPOTENCY_KEY: "an Idempotency-Key is 1 to 255 visible ASCII characters",
  HG_EVENTS_CREDENTIAL: "this kind of credential is of no use here",
  HG_EVENTS_PATH: "there is nothing at this path",
  HG_EVENT_UNKNOWN: "the account has no such event",
  HG_WEBHOOK_UNKNOWN: "the account has no such webhook",
  HG_DELIVERY_UNKNOWN: "the webhook has no such delivery",
  HG_EXPORT_UNKNOWN: "the account has no such export",
  HG_EXPORT_LINK: "the download link was not given out by this API, or it has ended",
  HG_EXPORT_GONE: "the export's file is not there, and neither are all of its events",
  HG_STREAMS_TOO_MANY: "the account has as many streams open as it may",
  HG_EXPORT_BUSY: "the account has as many exports under way as it may have",
  HG_EVENTS_METHOD: "this path does not take this method",
  HG_EVENTS_MEDIA_TYPE: "the body must be application/json, and not compressed",
  HG_EVENT_INVALID: "the event cannot be kept as it is",
  HG_EVENTS_BATCH: "the batch is no list of events, or of too many",
  HG_EVENTS_IDEMPOTENCY_REUSE: "the Idempotency-Key was used for another request within the last 24 hours",
  HG_EVENTS_BODY: "the body's fields are not those that this takes",
  HG_WEBHOOK_URL: "webhooks cannot be sent to this URL",
  HG_WEBHOOK_TOO_MANY: "the account has as many webhooks as it may have",
  HG_WEBHOOK_VERSION: "the webhook was changed since it was read",
  HG_EVENTS_FAILED: "the events API itself failed; the log says why",
} as const;

/** A code of {@link EVENTS_ERRORS}. */
export type EventsErrorCode = keyof typeof EVENTS_ERRORS;

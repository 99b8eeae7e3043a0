export type { BatchNotice, FlushReason } from "./batch-notice.ts";
export { type Added, Batcher } from "./batcher.ts";
export type { BatcherOptions } from "./batcher-options.ts";
export { type Envelope, JSON_LINES, jsonList } from "./envelope.ts";
export { type Rejection, readRejections } from "./rejection.ts";
export { type BatchAnswer, type BatchCall, type Send, sendJson } from "./send.ts";
export type { Leftovers, SealedItems, Spill, SpilledItem } from "./spill.ts";
export { UndeliveredError } from "./undelivered-error.ts";

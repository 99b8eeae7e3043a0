export type { Algorithm, Cells } from "./algorithm.ts";
export { fixedWindow } from "./algorithms/fixed-window.ts";
export { slidingWindow } from "./algorithms/sliding-window.ts";
export { tokenBucket } from "./algorithms/token-bucket.ts";
export { type Calendar, type CalendarWindow, calendarWindow, isTimezone } from "./calendar.ts";
export { type Decision, retryAfterSeconds, toDecision } from "./decision.ts";
export { CORE_ERRORS, HeadgateError } from "./errors.ts";
export type { AdvertisedLimit, HeaderPair } from "./headers/advertisement.ts";
export { type HeaderFormat, renderHeaders } from "./headers/headers.ts";
export { parseRateLimit, renderRateLimit } from "./headers/ratelimit.ts";
export { parseRetryAfter } from "./headers/retry-after.ts";
export { parseReset, parseXRateLimit, type ResetFormat, renderReset, renderXRateLimit } from "./headers/x-ratelimit.ts";
export { type AlgorithmName, defineLimit, type Limit, type LimitSpec, type QuotaUnit } from "./limit.ts";
export { Limiter } from "./memory/limiter.ts";
export type { MemoryStoreOptions } from "./memory/memory.ts";
export { MemoryStore } from "./memory/memory-store.ts";
export { ALONE } from "./memory/table.ts";
export { printable } from "./printable.ts";
export {
  type Asked,
  type Awaitable,
  type Charge,
  type Claim,
  NOT_CHARGED,
  type StandingClaims,
  type Store,
  type SyncStore,
  type Verdict,
  WORDS_PER_CLAIM,
} from "./store.ts";
export { withQuota } from "./with-quota.ts";

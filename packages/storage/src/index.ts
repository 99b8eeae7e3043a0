export { STORAGE_ERRORS, type StorageErrorCode } from "./errors.ts";
export { openStorage, type StorageOptions } from "./open-storage.ts";
export { Prepared } from "./prepared.ts";
export type { Commit, Expectation, Statement, StatementResult, Storage, StorageHealth, Value } from "./storage.ts";
export type {
  AccountRow,
  ApiKeyRow,
  AuditHeadRow,
  AuditRow,
  BucketRow,
  DeliveryAttemptRow,
  DeliveryRow,
  EventHeadRow,
  EventKeyRow,
  EventRow,
  ExportRow,
  IdempotencyKeyRow,
  OverrideRow,
  SettingRow,
  SuspensionRow,
  Tables,
  TokenRow,
  WebhookMessageRow,
  WebhookReplayRow,
  WebhookRow,
} from "./tables.ts";

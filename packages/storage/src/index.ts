export { STORAGE_ERRORS, type StorageErrorCode } from "./errors.ts";
export { openStorage, type StorageOptions } from "./open-storage.ts";
export type { Commit, Expectation, Statement, StatementResult, Storage, StorageHealth, Value } from "./storage.ts";
export type {
  AccountRow,
  ApiKeyRow,
  AuditHeadRow,
  AuditRow,
  OverrideRow,
  SettingRow,
  SuspensionRow,
  Tables,
  TokenRow,
} from "./tables.ts";

import type { StorageErrorCode } from "@headgate/storage";
import type { ControlErrorCode } from "../errors.ts";
import type { AdminErrorCode } from "./errors.ts";

/** What reading or setting counters may fail with, where they are across a network. */
type StoreErrorCode = "HG_STORE_TIMEOUT" | "HG_STORE_AWAY" | "HG_REDIS_UNREACHABLE" | "HG_REDIS_REFUSED";

/** The status that stands for each code. A storage's code that is not here is a failure, and its words stay in the log. */
const STATUSES: Readonly<
  Record<AdminErrorCode | ControlErrorCode | StoreErrorCode, number> & Partial<Record<StorageErrorCode, number>>
> = {
  HG_ADMIN_REQUEST: 400,
  HG_ADMIN_JSON: 400,
  HG_ADMIN_QUERY: 400,
  HG_ADMIN_PRECONDITION: 400,
  HG_CURSOR_INVALID: 400,

  HG_ADMIN_TOKEN: 401,

  HG_ADMIN_PATH: 404,
  HG_ACCOUNT_UNKNOWN: 404,
  HG_KEY_UNKNOWN: 404,
  HG_TOKEN_UNKNOWN: 404,
  HG_OVERRIDE_UNKNOWN: 404,
  HG_SUSPENSION_UNKNOWN: 404,

  HG_ADMIN_METHOD: 405,

  HG_NAME_TAKEN: 409,
  HG_KEY_REVOKED: 409,
  HG_KEY_TOKENS_FULL: 409,
  HG_SUSPENSION_OVER: 409,
  HG_ADMIN_NOT_SERVING: 409,

  HG_VERSION_CONFLICT: 412,
  HG_ADMIN_TOO_LARGE: 413,
  HG_ADMIN_MEDIA_TYPE: 415,

  HG_ADMIN_BODY: 422,
  HG_NAME_INVALID: 422,
  HG_SCOPES_INVALID: 422,
  HG_WIDGET_INVALID: 422,
  HG_LIFETIME_INVALID: 422,
  HG_PREFIX_INVALID: 422,
  HG_REASON_INVALID: 422,
  HG_SUSPENSION_INVALID: 422,
  HG_OVERRIDE_INVALID: 422,
  HG_LIMIT_UNKNOWN: 422,
  HG_PLAN_UNKNOWN: 422,

  HG_ADMIN_LIMITED: 429,

  HG_ADMIN_FAILED: 500,

  HG_STORAGE_UNREACHABLE: 503,
  HG_STORAGE_BUSY: 503,
  HG_STORE_TIMEOUT: 503,
  HG_STORE_AWAY: 503,
  HG_REDIS_UNREACHABLE: 503,
  HG_REDIS_REFUSED: 503,
};

/** The status of an error's code; undefined where the error is no answer, but a failure. */
export function statusOf(code: string): number | undefined {
  return (STATUSES as Readonly<Record<string, number | undefined>>)[code];
}

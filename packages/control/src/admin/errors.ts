/**
 * The codes of what the admin API itself refuses, and what each is about. They stand in the `code` member of the answer's
 * problem, as those of the records do; `docs/reference/errors.md` says of every one what to do.
 */
export const ADMIN_ERRORS = {
  HG_ADMIN_TOKEN: "the admin token is missing or wrong",
  HG_ADMIN_LIMITED: "this address has presented too many wrong admin tokens",
  HG_ADMIN_REQUEST: "the request is not HTTP that can be read",
  HG_ADMIN_PATH: "there is nothing at this path",
  HG_ADMIN_METHOD: "this path does not answer that method",
  HG_ADMIN_MEDIA_TYPE: "the body must be application/json",
  HG_ADMIN_TOO_LARGE: "the body is larger than the admin API takes",
  HG_ADMIN_JSON: "the body is not JSON that can be read in only one way",
  HG_ADMIN_BODY: "the body's fields are not those that this takes",
  HG_ADMIN_QUERY: "the query's or the path's values are not those that this takes",
  HG_ADMIN_PRECONDITION: "If-Match or If-None-Match is neither `*` nor a list of entity tags",
  HG_ADMIN_NOT_SERVING: "counters live in the memory of a running server, and none runs here",
  HG_ADMIN_FAILED: "the admin API itself failed; its log says why",
  HG_LIMIT_UNKNOWN: "the policy has no such limit, or the limit does not count by that caller",
  HG_PLAN_UNKNOWN: "the policy has no such plan",
} as const;

/** A code of {@link ADMIN_ERRORS}. */
export type AdminErrorCode = keyof typeof ADMIN_ERRORS;

/**
 * The codes of the errors that control throws, and what each is about. Codes are stable; `docs/reference/errors.md` says
 * of every one what to do.
 */
export const CONTROL_ERRORS = {
  HG_ACCOUNT_UNKNOWN: "no account of that id or name is on record",
  HG_KEY_UNKNOWN: "no API key of that id is on record",
  HG_TOKEN_UNKNOWN: "no token of that id is on record",
  HG_OVERRIDE_UNKNOWN: "no override of that id is on record",
  HG_SUSPENSION_UNKNOWN: "no suspension of that id is on record",
  HG_SUSPENSION_OVER: "the suspension has ended already",
  HG_SUSPENSION_INVALID: "that is no caller that can be suspended",
  HG_NAME_INVALID: "a name cannot be used as one",
  HG_NAME_TAKEN: "another account has that name",
  HG_REASON_INVALID: "a reason cannot be kept as it is",
  HG_KEY_REVOKED: "the key is revoked or has expired",
  HG_KEY_TOKENS_FULL: "the key has as many tokens as it may have at once",
  HG_PREFIX_INVALID: "no secret can begin like that",
  HG_SCOPES_INVALID: "scopes cannot be used, or are more than the key has",
  HG_WIDGET_INVALID: "no token can be bound to that actor or target",
  HG_LIFETIME_INVALID: "an end or a duration is not in the range allowed",
  HG_OVERRIDE_INVALID: "an override does not say what becomes of which limit",
  HG_CURSOR_INVALID: "a list cannot be continued from there",
  HG_VERSION_CONFLICT: "somebody else has changed it since",
} as const;

/** A code of {@link CONTROL_ERRORS}. */
export type ControlErrorCode = keyof typeof CONTROL_ERRORS;

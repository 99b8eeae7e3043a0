/** The codes of the errors of rehearsals; `docs/reference/errors.md` says of every one what to do. */
export const REHEARSE_ERRORS = {
  HG_LOG_UNREADABLE: "a log cannot be read",
  HG_LOG_FIELDS: "the format of an access log cannot be used",
  HG_LOG_FAULT: "a log has a fault, and faults were asked to be fatal",
  HG_TRAFFIC_INVALID: "synthetic traffic is asked for in words that are not understood",
  HG_SUGGEST_NOTHING: "a log has nothing that limits could be suggested from",
} as const;

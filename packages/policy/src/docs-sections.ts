/** The sections of the pages that callers read, in their order, and what each is about. A policy may write them itself. */
export const DOCS_SECTIONS = {
  introduction: "What the limits are for.",
  limits: "The limits, by caller.",
  counting: "When windows begin and end, and what a request counts for.",
  plans: "What each plan allows.",
  "body-size": "How large a request's body may be.",
  tokens: "How callers get a token, and how long it lives.",
  headers: "The headers that tell callers where they stand.",
  "headers-example": "An answer with these headers.",
  limited: "The refusal of a caller over a limit.",
  "too-large": "The refusal of a body that is too large.",
  unauthenticated: "The refusal of a credential that is missing or not valid.",
  suspended: "What repeated refusals lead to.",
  waiting: "What to do on a refusal.",
  samples: "Code that waits as told, in several languages.",
  watching: "How to slow down before a refusal.",
  spreading: "How to spread requests over time.",
  batching: "How to do more with one request.",
  caching: "How to ask again for less.",
  webhooks: "How to be told instead of asking.",
  "higher-limits": "How to get more.",
} as const;

export type DocsSectionId = keyof typeof DOCS_SECTIONS;

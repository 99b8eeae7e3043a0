/**
 * What can be wrong with a policy file: `HG_POLICY_…` are faults, which keep it from being used;
 * `HG_LINT_…` is legal but most likely not meant. The codes are stable.
 */
export const POLICY_ERRORS = {
  HG_POLICY_SYNTAX: "the file is not YAML",
  HG_POLICY_DUPLICATE_KEY: "a field is written twice",
  HG_POLICY_ALIASES: "aliases repeat more than a policy could need",
  HG_POLICY_VERSION: "the file is of a format version that is not known",
  HG_POLICY_UNKNOWN_FIELD: "a field is not part of the format",
  HG_POLICY_MISSING: "a required field is not there",
  HG_POLICY_TYPE: "a value is of the wrong type",
  HG_POLICY_VALUE: "a value is not among those allowed",
  HG_POLICY_NAME: "a name cannot be used as one",
  HG_POLICY_URL: "a URL cannot be used",
  HG_POLICY_DURATION: "a duration or window cannot be read",
  HG_POLICY_SIZE: "a size in bytes cannot be read",
  HG_POLICY_GLOB: "a pattern of paths cannot be read",
  HG_POLICY_CIDR: "a range of IP addresses cannot be read",
  HG_POLICY_TIMEZONE: "a time zone is not known",
  HG_POLICY_STATUS: "a response status cannot be used",
  HG_POLICY_PLACEHOLDER: "a body holds a placeholder that is not known",
  HG_POLICY_UNKNOWN_CALLER: "`per` names a caller that is not defined",
  HG_POLICY_UNKNOWN_ENDPOINT: "`match` or `docs` names an endpoint that is not defined",
  HG_POLICY_UNKNOWN_LIMIT: "`docs` names a limit that is not defined",
  HG_POLICY_FILE: "a file that the policy names cannot be read",
  HG_POLICY_OPENAPI: "the OpenAPI file that the policy names cannot be understood",
  HG_POLICY_CONFLICT: "fields do not go together",
  HG_POLICY_UNMANAGED: "the events API is served, and the credentials tell no accounts",
  HG_POLICY_UNCOUNTABLE: "a limit's numbers are too large to count exactly",
  HG_POLICY_TOO_MANY_LIMITS: "there are more limits than one request can meet",
  HG_LINT_NEVER_BINDS: "a limit or cap can never refuse a request, or a pattern never match one",
  HG_LINT_NO_EFFECT: "what is written changes nothing",
  HG_LINT_HIDDEN: "pages that the gate serves stand before routes of the API",
  HG_LINT_UNVERIFIED_KEY: "a caller can escape a limit by making up credentials",
  HG_LINT_TRUSTS_ANYONE: "anyone can choose the address they are counted by",
  HG_LINT_SHARED_NAME: "two limits share a name",
  HG_LINT_STORE_NEVER_FAILS: "a limit says what happens without its counters, which are in memory",
  HG_LINT_SHORT_RETRY_AFTER: "a constant Retry-After is shorter than a window",
} as const;

export type PolicyErrorCode = keyof typeof POLICY_ERRORS;

/** The codes of the errors of the handbook; `docs/reference/errors.md` says of every one what to do. */
export const HANDBOOK_ERRORS = {
  HG_DOCS_OPENAPI: "an OpenAPI document cannot be understood",
} as const;

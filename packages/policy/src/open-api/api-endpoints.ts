/** What an OpenAPI document says of an API's routes. */
export interface ApiEndpoints {
  /** Patterns with their methods, by tag and by operationId. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Path templates as clients call them, with the server's base path; the more definite first. */
  readonly templates: readonly string[];
}

/** Where a policy names no OpenAPI document. */
export const NO_API: ApiEndpoints = { groups: new Map(), templates: [] };

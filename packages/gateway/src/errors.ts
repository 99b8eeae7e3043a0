/**
 * The codes of what the gateway itself answers, or throws when it is made, and what each is about. Codes are stable and
 * stand in the `code` member of the answer's problem; `docs/reference/errors.md` says of every one what to do.
 */
export const GATEWAY_ERRORS = {
  HG_REQUEST_MALFORMED: "the request is not HTTP/1.1 that can be read in only one way",
  HG_REQUEST_PATH: "the path could mean one thing here and another upstream",
  HG_REQUEST_HOST: "the request needs exactly one valid Host header",
  HG_REQUEST_CALLER: "the request names its caller in two ways that differ",
  HG_REQUEST_SCOPE: "the credential does not have the scope that this method takes",
  HG_REQUEST_METHOD: "the method is not one that can be passed on",
  HG_REQUEST_ENCODING: "a body whose items are counted must not be compressed",
  HG_REQUEST_EXPECTATION: "the only expectation that can be met is 100-continue",
  HG_REQUEST_TIMEOUT: "the request took too long to arrive",
  HG_REQUEST_TOO_LARGE: "the body must be read before deciding, and is larger than that allows",
  HG_REQUEST_URL_TOO_LONG: "the URL is too long",
  HG_REQUEST_HEADERS_TOO_LARGE: "the headers are too large",
  HG_UPSTREAM_UNREACHABLE: "no connection to the upstream could be made",
  HG_UPSTREAM_BROKEN: "the upstream closed the connection, or answered what is not HTTP, before an answer",
  HG_UPSTREAM_TIMEOUT: "the upstream took too long to answer",
  HG_UPSTREAM_BUSY: "too many requests are waiting for the upstream",
  HG_GATEWAY_BUSY: "the gateway holds as much of requests' bodies as it may; try again soon",
  HG_KEYS_UNREACHABLE: "the keys that verify tokens cannot be fetched",
  HG_TOKEN_REQUEST: "the request for a token cannot be met as it is",
  HG_TOKEN_NEEDS_KEY: "a token is given for a key, not for another token",
  HG_TOKENS_TOO_MANY: "the key has as many tokens as it may have at once",
  HG_TOKENS_UNAVAILABLE: "no token can be given while the database does not answer",
  HG_GATEWAY_FAILED: "the gateway itself failed; its log says why",
  HG_UPSTREAM_MISSING: "the policy's upstream cannot be served by the gateway, and none was given instead",
  HG_JWKS_UNREADABLE: "the file of keys that verify tokens cannot be read",
} as const;

/** A code of {@link GATEWAY_ERRORS}. */
export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;

/** The codes of the errors that this package throws, and what each is about; see `docs/reference/errors.md`. */
export const REDIS_ERRORS = {
  HG_REDIS_URL: "a URL does not say which Redis to use, or says that it is what it is not",
  HG_REDIS_UNREACHABLE: "Redis cannot be connected to, or the connection was lost",
  HG_REDIS_AUTH: "Redis does not let Headgate in: another user or password is needed",
  HG_REDIS_REFUSED: "Redis answered a command with an error",
  HG_REDIS_TOO_OLD: "the server is older than Redis 6.2",
  HG_REDIS_REPLICA: "the server is a replica, which takes no writes",
  HG_STORE_TIMEOUT: "the store did not answer within its budget",
  HG_STORE_AWAY: "the store has failed too often, and is not asked for a moment",
} as const;

/** A code of {@link REDIS_ERRORS}. */
export type RedisErrorCode = keyof typeof REDIS_ERRORS;

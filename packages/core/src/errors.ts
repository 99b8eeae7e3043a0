/**
 * The codes of the errors that core throws, and what each is about. Codes are stable; `docs/reference/errors.md` says
 * of every one what to do. Being limited is not among them: that is a decision.
 */
export const CORE_ERRORS = {
  HG_LIMIT_INVALID: "a limit's fields do not make a limit that can be enforced",
  HG_CLAIM_INVALID: "a time or a cost is not a whole number that can be counted",
  HG_TOO_MANY_LIMITS: "one request met more limits than can be decided together",
  HG_LOCK_STUCK: "a lock in shared memory was not given back in a second",
} as const;

/** An error with a stable code. The message says what happened, where, and what to do. */
export class HeadgateError extends Error {
  override readonly name = "HeadgateError";
  readonly code: string;

  constructor(code: `HG_${string}`, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

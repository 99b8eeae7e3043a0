/**
 * What APIs call a quota that is used up for the day, the month, or until somebody pays. The draft's `quota-exceeded`
 * is not among them: every limit that refuses is that.
 */
const SPENT =
  /^(?:(?:plan|daily|monthly|usage|spend|billing_hard)_?(?:limit|quota)_?(?:exceeded|reached)|insufficient_(?:quota|credits)|(?:quota|credits)_?exhausted)$/i;

/**
 * Whether a refusal is one that waiting does not help against soon: by a well-known `type`, `code`, `reason` or `status` in
 * its JSON body, at the top, in `error`, or in the first of `errors`.
 */
export function isSpentQuota(_response: Response, body: unknown): boolean {
  const { error, errors } = Object(body);
  return [body, error, Object(errors)[0], Object(Object(error).errors)[0]].some((part) => {
    const { type, code, reason, status } = Object(part);
    return [part, type, code, reason, status].some((name) => typeof name === "string" && SPENT.test(name));
  });
}

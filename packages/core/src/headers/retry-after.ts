/**
 * Reads `Retry-After`: whole seconds or an HTTP date (RFC 9110, section 10.2.3). Ms to wait, never below 0; undefined
 * if malformed, and then to be ignored.
 */
export function parseRetryAfter(value: string, now: number): number | undefined {
  const text = value.trim();
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  const instant = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - now);
}

/** The three forms of an HTTP date (RFC 9110, section 5.6.7) begin with a day's name; nothing else does. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

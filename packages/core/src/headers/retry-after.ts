/**
 * Reads `Retry-After`: whole seconds or an HTTP date (RFC 9110, section 10.2.3). Ms to wait, never below 0; undefined
 * if malformed, and then to be ignored.
 */
export function parseRetryAfter(value: string, now: number): number | undefined {
  const text = value.trim();
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  // The form of asctime names no zone, and is in UTC all the same.
  const instant = HTTP_DATE.test(text) ? Date.parse(text.endsWith("GMT") ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - now);
}

/** The frame that the three forms of an HTTP date share (RFC 9110, section 5.6.7); `Date.parse` knows the rest. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w -]{6,11} \d\d:\d\d:\d\d (?:GMT|\d{4})$/;

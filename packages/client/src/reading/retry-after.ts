import { msUntil } from "./instant.ts";

/** Headers that tell a refused caller how long to wait, and whether they do so in ms. */
const NAMES = [
  ["retry-after", false],
  ["x-ratelimit-retry-after", false],
  ["x-rate-limit-retry-after", false],
  ["retry-after-ms", true],
  ["x-ms-retry-after-ms", true],
  ["x-amz-retry-after", true],
] as const;

const MILLISECONDS = /^\d{1,15}(?:\.\d+)?$/;

/** The values of a header, which may have been sent twice. A date has a comma of its own, after the day of the week. */
const VALUES = /\s*(?:[A-Za-z]+, )?[^,]+/g;

/**
 * How long a refusal tells to wait, in ms; the longest where it says several things. Undefined where it says nothing,
 * or nothing that can be: a wait of 0, or until an instant that is over, would be an invitation to spin.
 */
export function readRetryAfter(headers: Headers, nowOf: () => number): number | undefined {
  let longest = 0;
  for (const [name, isMs] of NAMES) {
    for (const text of headers.get(name)?.match(VALUES) ?? []) {
      const value = text.trim();
      const waitMs = isMs ? (MILLISECONDS.test(value) ? Math.ceil(Number(value)) : 0) : (msUntil(value, nowOf) ?? 0);
      if (waitMs > longest) longest = waitMs;
    }
  }
  return longest > 0 ? longest : undefined;
}

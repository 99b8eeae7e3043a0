import type * as z from "zod";
import { textFormat } from "./text-format.ts";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d{1,12})(ms|s|m|h|d)$/;
const LONGEST_MS = 400 * 86_400_000;
const HINT = "a whole number and its unit: 500ms, 10s, 5m, 1h or 1d";

/** Reads `500ms`, `10s`, `5m`, `1h`, `1d`: ms, or undefined if it is none of them. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNITS_MS[unit] as number);
}

/** Reads a window that follows the calendar; undefined for one of a fixed length. */
export function parseCalendarUnit(text: string): "day" | "month" | undefined {
  return text === "day" || text === "month" ? text : undefined;
}

export const durationSchema: z.ZodType<string> = textFormat({
  code: "HG_POLICY_DURATION",
  description: "A duration: 500ms, 10s, 5m, 1h or 1d. At most 400 days.",
  hint: HINT,
  hintFor: unitHint,
  pattern: DURATION.source,
  fault: durationFault,
});

export const windowSchema: z.ZodType<string> = textFormat({
  code: "HG_POLICY_DURATION",
  description: "How long the quota is for: 500ms, 10s, 5m, 1h or 1d; or a calendar day or month.",
  hint: `${HINT}; or day or month, of the calendar`,
  hintFor: unitHint,
  pattern: `${DURATION.source}|^(day|month)$`,
  fault: (text) => (parseCalendarUnit(text) ? undefined : durationFault(text)),
});

/** A number alone is seconds in most other files. */
function unitHint(value: unknown): string | undefined {
  return /^\d{1,12}$/.test(String(value)) ? `say the unit, too, such as ${value}s for seconds` : undefined;
}

function durationFault(text: string): string | undefined {
  const ms = parseDuration(text);
  if (ms === undefined) return `"${text}" is not a duration`;
  return ms < 1 || ms > LONGEST_MS ? `"${text}" is not between 1ms and 400d` : undefined;
}

import type { Decision } from "../decision.ts";
import type { HeaderPair } from "./advertisement.ts";
import { renderRateLimit } from "./ratelimit.ts";
import { type ResetFormat, renderXRateLimit } from "./x-ratelimit.ts";

/** Which dialects to speak. */
export interface HeaderFormat {
  readonly style: "x-ratelimit" | "ratelimit" | "both" | "none";
  readonly reset: ResetFormat;
}

/**
 * The rate-limit headers of a response, whoever made it: the x-ratelimit ones speak of the binding limit, the IETF ones
 * list every enforced limit that matched. None when no limit matched.
 *
 * `now` is when they are sent, `decidedAt` when it was decided: an upstream may have taken its time in between.
 */
export function renderHeaders(
  decision: Decision,
  format: HeaderFormat,
  now: number,
  decidedAt: number = now,
): HeaderPair[] {
  if (!decision.binding || format.style === "none") return [];
  const ageMs = Math.max(0, now - decidedAt);
  const pairs = format.style === "ratelimit" ? [] : renderXRateLimit(decision.binding, format.reset, now, ageMs);
  if (format.style !== "x-ratelimit") for (const pair of renderRateLimit(decision.verdicts, ageMs)) pairs.push(pair);
  return pairs;
}

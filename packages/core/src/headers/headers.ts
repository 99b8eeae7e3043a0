import type { Decision } from "../decision.ts";
import { type HeaderPair, shownVerdicts } from "./advertisement.ts";
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
 */
export function renderHeaders(decision: Decision, format: HeaderFormat, now: number): HeaderPair[] {
  if (!decision.binding || format.style === "none") return [];
  const pairs: HeaderPair[] = [];
  if (format.style !== "ratelimit") pairs.push(...renderXRateLimit(decision.binding, format.reset, now));
  if (format.style !== "x-ratelimit") pairs.push(...renderRateLimit(shownVerdicts(decision)));
  return pairs;
}

import { defineLimit } from "@headgate/core";
import { parseDuration } from "./duration.ts";
import type { SuspensionRule } from "./policy.ts";
import { parseDenials, type SuspensionSection } from "./schema/suspension.ts";

/** Compiles a rule that suspends. Its denials are counted like any units: a window of so many, from the first one on. */
export function compileSuspension({ per, after, within, for: duration }: SuspensionSection): SuspensionRule {
  const text = `${after} within ${within}`;
  const denials = parseDenials(after);
  const withinMs = parseDuration(within) as number;
  return {
    per,
    denials,
    withinMs,
    forMs: duration === "until-lifted" ? undefined : parseDuration(duration),
    text,
    limit: defineLimit({
      name: `denials-${per}`,
      counter: `suspend ${per} ${text}`,
      quota: denials,
      windowMs: withinMs,
    }),
  };
}

import type { Policy, PolicyLimit } from "@headgate/policy";
import { code, escaped } from "../markdown.ts";
import { enumeration } from "./quantity.ts";

/** A limit as callers know it: in the words of the policy's `docs`; by its name too, where headers or refusals show that. */
export function limitLabel({ limit }: Pick<PolicyLimit, "limit">, { docs, responses }: Policy): string {
  const words = docs.limits.get(limit.name);
  const name = code(limit.name);
  if (words === undefined) return name;
  const showsNames =
    responses.headers.style === "ratelimit" || responses.headers.style === "both" || responses.limited === undefined;
  return showsNames ? `${escaped(words)} (${name})` : escaped(words);
}

/** Any one of these limits: **reads** or **writes**. */
export function anyOfLimits(limits: readonly PolicyLimit[], policy: Policy): string {
  return enumeration(
    limits.map((limit) => `**${limitLabel(limit, policy)}**`),
    "or",
  );
}

import type { Policy } from "@headgate/policy";
import { code, escaped } from "../markdown.ts";

/** An endpoint as callers know it: in the words of the policy's `docs`, and by its pattern, if it has only one. */
export function endpointLabel(group: string, { docs, endpoints }: Policy): string {
  const words = docs.endpoints.get(group);
  const [pattern, ...others] = withoutTwins(endpoints.groups.get(group) ?? []);
  const only = pattern !== undefined && others.length === 0 ? code(pattern) : undefined;
  if (words !== undefined) return only === undefined ? escaped(words) : `${escaped(words)} (${only})`;
  return only ?? `the ${escaped(group)} endpoints`;
}

/** The first group that a pattern is in, with or without a method, as callers know it. */
export function groupLabelOf(pattern: string, { docs, endpoints }: Policy): string {
  const isThat = (other: string): boolean => other === pattern || other.endsWith(` ${pattern}`);
  const [group = ""] = [...endpoints.groups].find(([, patterns]) => patterns.some(isThat)) ?? [];
  return escaped(docs.endpoints.get(group) ?? group);
}

/** HEAD goes without saying where there is GET. */
function withoutTwins(patterns: readonly string[]): string[] {
  return patterns.filter((pattern) => !(pattern.startsWith("HEAD ") && patterns.includes(`GET ${pattern.slice(5)}`)));
}

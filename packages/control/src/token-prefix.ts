import { type Issuing, OWN_PREFIXES } from "@headgate/policy";
import type { Token } from "./token.ts";

/**
 * How a new token begins: a widget token as the policy's first prefix with `wt` in it, an access token as the first
 * without, so that people and scanners tell them apart. Where the policy has none such, or none is served, Headgate's own.
 */
export function tokenPrefixFor(issuing: Issuing | undefined, kind: Token["kind"]): string {
  const prefixes = issuing?.tokenPrefixes.filter((prefix) => prefix !== "") ?? [];
  return prefixes.find((prefix) => /wt/i.test(prefix) === (kind === "widget")) ?? OWN_PREFIXES[kind];
}

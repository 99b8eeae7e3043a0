import { OWN_PREFIXES } from "@headgate/policy";
import { faultOfOverride, faultOfPlan, noneOf, outlineOf, type PolicyOutline } from "../policy-outline.ts";
import type { AdminContext } from "./admin-options.ts";
import { bodyFault } from "./refusal.ts";

/** The policy that is enforced, or was last; undefined where none ever was. */
export function knownPolicy({ enforcement, lastPolicy }: AdminContext): PolicyOutline | undefined {
  const enforced = enforcement()?.policy;
  return enforced ? outlineOf(enforced) : lastPolicy;
}

/** Throws `HG_PLAN_UNKNOWN` where the policy speaks of no such plan. */
export function checkPlan(context: AdminContext, plan: string | null | undefined): void {
  const policy = knownPolicy(context);
  const fault = policy && typeof plan === "string" ? faultOfPlan(policy, plan) : undefined;
  if (fault !== undefined) throw bodyFault("plan", fault, "HG_PLAN_UNKNOWN");
}

/** Throws `HG_LIMIT_UNKNOWN` where the policy has no such limit, or one that the account of an override shares with others. */
export function checkOverride(context: AdminContext, limit: string, isUnlimited: boolean): void {
  const policy = knownPolicy(context);
  const fault = policy && faultOfOverride(policy, limit, isUnlimited);
  if (fault !== undefined) throw bodyFault("limit", fault, "HG_LIMIT_UNKNOWN");
}

/** How a new key begins. Throws `HG_PREFIX_INVALID` where the policy would not read such keys. */
export function keyPrefixOf(context: AdminContext, asked: string | undefined): string {
  const prefixes = knownPolicy(context)?.issuing.keyPrefixes;
  if (asked === undefined) return prefixes?.[0] || OWN_PREFIXES.key;
  if (prefixes === undefined || prefixes.includes("") || [...prefixes, OWN_PREFIXES.key].includes(asked)) return asked;
  throw bodyFault("prefix", noneOf(prefixes), "HG_PREFIX_INVALID");
}

/** What whoever makes a credential must know: that the policy asks no record. Null where it does. */
export function credentialWarning(context: AdminContext): string | null {
  const credentials = knownPolicy(context)?.credentials ?? "managed";
  if (credentials === "managed") return null;
  return `the policy says credentials: ${credentials}, so keys on record mean nothing to it`;
}

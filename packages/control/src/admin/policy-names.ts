import { OWN_PREFIXES } from "@headgate/policy";
import type { AdminContext } from "./admin-options.ts";
import { bodyFault } from "./refusal.ts";

/** Throws `HG_PLAN_UNKNOWN` where a policy is enforced that speaks of no such plan. */
export function checkPlan({ enforcement }: AdminContext, plan: string | null | undefined): void {
  const plans = enforcement()?.policy.plans;
  if (plan === null || plan === undefined || plans === undefined || plans.includes(plan)) return;
  throw bodyFault("plan", `is none of the policy's: ${listed(plans)}`, "HG_PLAN_UNKNOWN");
}

/** Throws `HG_LIMIT_UNKNOWN` where a policy is enforced that has no such limit. */
export function checkLimit({ enforcement }: AdminContext, limit: string): void {
  const names = enforcement()?.policy.limits.map((own) => own.limit.name);
  if (names === undefined || names.includes(limit)) return;
  throw bodyFault("limit", `is none of the policy's: ${listed(names)}`, "HG_LIMIT_UNKNOWN");
}

/** How a new key begins. Throws `HG_PREFIX_INVALID` where the policy that is enforced would not read such keys. */
export function keyPrefixOf({ enforcement, lastIssuing }: AdminContext, asked: string | undefined): string {
  const enforced = enforcement()?.policy.issuing;
  const usual = (enforced ?? lastIssuing)?.keyPrefixes[0];
  if (asked === undefined) return usual || OWN_PREFIXES.key;
  const prefixes = enforced?.keyPrefixes;
  if (prefixes === undefined || prefixes.includes("") || [...prefixes, OWN_PREFIXES.key].includes(asked)) return asked;
  throw bodyFault("prefix", `is none that the policy takes: ${listed(prefixes)}`, "HG_PREFIX_INVALID");
}

/** What whoever makes a credential must know: that the policy which is enforced asks no record. Null where it does. */
export function credentialWarning({ enforcement }: AdminContext): string | null {
  const credentials = enforcement()?.policy.credentials ?? "managed";
  if (credentials === "managed") return null;
  return `the policy that is served says credentials: ${credentials}, so keys on record mean nothing to it`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "it has none" : [...new Set(names)].join(", ");
}

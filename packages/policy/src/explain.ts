import type { Facts } from "./facts.ts";
import { partitionPart } from "./partition.ts";
import type { BodyCap, Policy, PolicyLimit } from "./policy.ts";

/** Whether one limit or cap of a policy applies to a request, and why. */
export interface Explanation {
  readonly name: string;
  readonly kind: "limit" | "body-cap";
  readonly applies: boolean;
  /** In plain words, with callers' secrets cut short. */
  readonly reason: string;
}

/** Goes through every limit, then every cap, in the file's order. Counts nothing. */
export function explain(policy: Policy, facts: Facts): Explanation[] {
  return [
    ...policy.limits.map((limit) => explainLimit(policy, limit, facts)),
    ...policy.bodyCaps.map((cap) => explainCap(cap, facts)),
  ];
}

function explainLimit(policy: Policy, policyLimit: PolicyLimit, facts: Facts): Explanation {
  const { limit, per } = policyLimit;
  const kind = "limit";
  const refusal = policyLimit.whyNot(facts);
  if (refusal !== undefined) return { name: limit.name, kind, applies: false, reason: refusal };

  const values = per.map((word) => ({ word, value: partitionPart(word, policy.endpoints)(facts) }));
  const missing = values.find(({ value }) => value === undefined);
  if (missing) {
    return { name: limit.name, kind, applies: false, reason: `it counts by ${missing.word}, and the request has none` };
  }
  const parts = values.map(({ word, value = "" }) => `${word} ${shown(word, value)}`);
  const whom = parts.length === 0 ? "everyone together" : `by ${parts.join(" and ")}`;
  return { name: limit.name, kind, applies: true, reason: `it matches, and counts ${whom}` };
}

function explainCap(cap: BodyCap, facts: Facts): Explanation {
  const refusal = cap.whyNot(facts);
  const reason = refusal ?? `it matches: bodies over ${cap.maxBytes} bytes are refused`;
  return { name: cap.name, kind: "body-cap", applies: refusal === undefined, reason };
}

/** Stands for the value of a caller that is on record, where it does not matter which: an account, say. */
export const ON_RECORD = "(on record)";

const NO_SECRETS = ["ip", "endpoint", "method"];
const SHOWN_CHARACTERS = 8;

function shown(word: string, value: string): string {
  if (word === "endpoint" && value === "") return "(unlisted)";
  return NO_SECRETS.includes(word) || value === ON_RECORD ? value : `${value.slice(0, SHOWN_CHARACTERS)}…`;
}

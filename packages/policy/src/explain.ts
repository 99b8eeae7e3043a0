import type { AlgorithmName } from "@headgate/core";
import type { Facts } from "./facts.ts";
import { limitFor } from "./match.ts";
import { partitionPart } from "./partition.ts";
import type { BodyCap, Cost, Policy, PolicyLimit } from "./policy.ts";
import type { MatchSection } from "./schema/match.ts";

/** Whether one limit or cap of a policy applies to a request, and why. */
export type Explanation = LimitExplanation | CapExplanation;

interface Reasoned {
  readonly name: string;
  readonly applies: boolean;
  /** In plain words, with callers' secrets cut short. */
  readonly reason: string;
  /** The field that kept it from applying. */
  readonly unmet?: keyof MatchSection | "per";
}

export interface LimitExplanation extends Reasoned {
  readonly kind: "limit";
  readonly mode: "enforce" | "shadow";
  readonly algorithm: AlgorithmName;
  /** In the plan that was asked about. */
  readonly quota: number;
  /** As the file has it; concurrency has none. */
  readonly window?: string;
  /** Of a token bucket. */
  readonly burst?: number;
  readonly cost: Cost;
  /** Whose counter it is, word by word of `per`, secrets cut short; of limits that apply. */
  readonly countedBy?: Readonly<Record<string, string>>;
}

interface CapExplanation extends Reasoned {
  readonly kind: "body-cap";
  readonly maxBytes: number;
}

/** Goes through every limit, then every cap, in the file's order. Counts nothing. */
export function explain(policy: Policy, facts: Facts): Explanation[] {
  return [
    ...policy.limits.map((limit) => explainLimit(policy, limit, facts)),
    ...policy.bodyCaps.map((cap) => explainCap(cap, facts)),
  ];
}

function explainLimit(policy: Policy, policyLimit: PolicyLimit, facts: Facts): LimitExplanation {
  const about = { name: policyLimit.limit.name, kind: "limit", ...numbersOf(policyLimit, facts) } as const;
  const unmet = policyLimit.whyNot(facts);
  if (unmet) return { ...about, applies: false, reason: unmet.reason, unmet: unmet.field };

  const values = policyLimit.per.map((word) => ({ word, value: partitionPart(word, policy.endpoints)(facts) }));
  const missing = values.find(({ value }) => value === undefined);
  if (missing) {
    const reason = `it counts by ${missing.word}, and the request has none`;
    return { ...about, applies: false, reason, unmet: "per" };
  }
  const countedBy = Object.fromEntries(values.map(({ word, value = "" }) => [word, shown(word, value)]));
  const parts = Object.entries(countedBy).map(([word, value]) => `${word} ${value}`);
  const whom = parts.length === 0 ? "everyone together" : `by ${parts.join(" and ")}`;
  return { ...about, applies: true, reason: `it matches, and counts ${whom}`, countedBy };
}

function numbersOf(
  policyLimit: PolicyLimit,
  { plan }: Facts,
): Pick<LimitExplanation, "mode" | "algorithm" | "quota" | "window" | "burst" | "cost"> {
  const { cost, windowText } = policyLimit;
  const limit = limitFor(policyLimit, { plan }, 0) ?? policyLimit.limit;
  return {
    mode: limit.isShadow ? "shadow" : "enforce",
    algorithm: limit.algorithm,
    quota: limit.quota,
    ...(windowText === "" ? {} : { window: windowText }),
    ...(limit.algorithm === "token-bucket" ? { burst: limit.capacity } : {}),
    cost,
  };
}

function explainCap(cap: BodyCap, facts: Facts): CapExplanation {
  const { name, maxBytes } = cap;
  const unmet = cap.whyNot(facts);
  if (unmet) return { name, kind: "body-cap", maxBytes, applies: false, reason: unmet.reason, unmet: unmet.field };
  return {
    name,
    kind: "body-cap",
    maxBytes,
    applies: true,
    reason: `it matches: bodies over ${maxBytes} bytes are refused`,
  };
}

/** Stands for the value of a caller that is on record, where it does not matter which: an account, say. */
export const ON_RECORD = "(on record)";

const NO_SECRETS = ["ip", "endpoint", "method"];
const MOST_CHARACTERS = 8;

function shown(word: string, value: string): string {
  if (word === "endpoint" && value === "") return "(unlisted)";
  if (NO_SECRETS.includes(word) || value === ON_RECORD) return value;
  // Of a short secret, eight characters are most of it.
  return `${value.slice(0, Math.min(MOST_CHARACTERS, Math.floor(value.length / 3)))}…`;
}

import type { Claim, Verdict } from "@headgate/core";
import type { SuspensionRule } from "./policy.ts";

/** One denial as one rule counts it. */
export interface Denial {
  readonly rule: SuspensionRule;
  readonly claim: Claim;
}

/** A caller that is to be suspended, and the counts that led to it. */
export interface Offender {
  readonly rule: SuspensionRule;
  readonly value: string;
  readonly claims: readonly Claim[];
}

/** What a denial is to be charged to: one claim for each rule about a caller that there is. */
export function denialsOf(rules: readonly SuspensionRule[], callers: Readonly<Record<string, string>>): Denial[] {
  return rules
    .filter(({ per }) => callers[per] !== undefined)
    .map((rule) => ({ rule, claim: { limit: rule.limit, partition: callers[rule.per] as string, cost: 1 } }));
}

/** Whom these denials suspend. Of several rules that are met for one caller at once, the one that lasts longest counts. */
export function offendersAmong(denials: readonly Denial[], verdicts: readonly Verdict[]): Iterable<Offender> {
  const offenders = new Map<string, Offender>();
  denials.forEach(({ rule, claim }, i) => {
    if ((verdicts[i] as Verdict).used < rule.denials) return;
    const other = offenders.get(rule.per);
    const longest = other && lengthOf(other.rule) > lengthOf(rule) ? other.rule : rule;
    offenders.set(rule.per, {
      rule: longest,
      value: claim.partition,
      claims: other ? [...other.claims, claim] : [claim],
    });
  });
  return offenders.values();
}

function lengthOf({ forMs }: SuspensionRule): number {
  return forMs ?? Number.POSITIVE_INFINITY;
}

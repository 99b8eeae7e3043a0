import { type Charge, type Claim, NOT_CHARGED } from "@headgate/core";
import type { Ruling } from "./engine.ts";
import { applicationsOf, claimOf, type Match } from "./match.ts";
import type { Policy, PolicyLimit } from "./policy.ts";

/** What is known once the upstream has answered. */
export interface Outcome {
  readonly status: number;
  /** A response header by lower-case name. */
  header(name: string): string | undefined;
  /** Whether the credential turned out valid; differs from the facts only under `credentials: upstream`. */
  readonly authenticated: boolean;
}

/** What an answer puts right: charges that stay, charges to give back, and what is charged in addition. */
export interface Settlement {
  readonly match: Match;
  readonly kept: readonly Charge[];
  readonly refunds: readonly Charge[];
  readonly extra: readonly Claim[];
}

/** What there is to settle, or undefined when the request was charged rightly, as nearly all are. */
export function settlementOf(policy: Policy, ruling: Ruling, outcome: Outcome, now: number): Settlement | undefined {
  const { match, body } = ruling;
  // Limits that could not be asked are not charged afterwards either.
  const isWithoutStore = ruling.decision.reason === "store-error";
  if (isWithoutStore && ruling.charges.every(({ ticket }) => ticket === NOT_CHARGED)) return undefined;
  const isTurned = !isWithoutStore && outcome.authenticated !== match.facts.authenticated;
  if (!isTurned && !match.applications.some(({ policyLimit }) => dependsOnAnswer(policyLimit))) return undefined;

  const facts = isTurned ? { ...match.facts, authenticated: outcome.authenticated } : match.facts;
  const applications = isTurned ? applicationsOf(policy, facts, now) : match.applications;
  const limitsNow = new Set(applications.map(({ policyLimit }) => policyLimit));
  const limitsThen = new Set(match.applications.map(({ policyLimit }) => policyLimit));
  const kept: Charge[] = [];
  const refunds: Charge[] = [];
  const extra: Claim[] = [];

  match.applications.forEach(({ policyLimit }, i) => {
    const charge = ruling.charges[i] as Charge;
    if (charge.ticket === NOT_CHARGED) return;
    if (!limitsNow.has(policyLimit) || !isCharged(policyLimit, outcome.status)) {
      refunds.push(charge);
      return;
    }
    kept.push(charge);
    const surplus = costToldBy(outcome, policyLimit) - charge.claim.cost;
    if (surplus > 0) extra.push({ ...charge.claim, cost: surplus });
  });
  for (const application of applications) {
    if (limitsThen.has(application.policyLimit) || !isCharged(application.policyLimit, outcome.status)) continue;
    const claim = claimOf(application, body);
    extra.push({ ...claim, cost: Math.max(claim.cost, costToldBy(outcome, application.policyLimit)) });
  }
  return { match: { ...match, facts, applications }, kept, refunds, extra };
}

/** Whether what a limit charges in the end is known only when the upstream has answered. */
export function dependsOnAnswer({ refund, charge, cost }: PolicyLimit): boolean {
  return refund !== undefined || charge !== undefined || cost.kind === "response-header";
}

/** Whether a response of this status is charged in the end. */
function isCharged({ refund, charge }: PolicyLimit, status: number): boolean {
  return !refund?.(status) && (charge?.(status) ?? true);
}

/** The cost in the header that the limit names; 0 where it names none, or the header is missing or malformed. */
function costToldBy(outcome: Outcome, { cost }: PolicyLimit): number {
  const text = cost.kind === "response-header" ? outcome.header(cost.name) : undefined;
  return text !== undefined && /^\d{1,12}$/.test(text.trim()) ? Number(text) : 0;
}

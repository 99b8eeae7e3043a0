import type { Claim, Limit } from "@headgate/core";
import { costOf, type MeasuredBody } from "./cost.ts";
import type { Facts } from "./facts.ts";
import { overridden } from "./override.ts";
import type { BodyCap, Policy, PolicyLimit } from "./policy.ts";

/** One limit that applies to a request. */
export interface Application {
  readonly policyLimit: PolicyLimit;
  /** The limit in the caller's plan, or as an override makes it. */
  readonly limit: Limit;
  readonly partition: string;
}

/** What a policy has to say of a request before its body is known. */
export interface Match {
  readonly facts: Facts;
  readonly applications: readonly Application[];
  /** The smallest cap on the body that applies. */
  readonly bodyCap: BodyCap | undefined;
  /** What must be known of the body before deciding: nothing, how many bytes, or its text. */
  readonly bodyNeed: "nothing" | "length" | "content";
}

/** Which limits and which body cap apply to a request, without asking any of them. */
export function matchOf(policy: Policy, facts: Facts, now: number): Match {
  const applications = applicationsOf(policy, facts, now);
  let bodyCap: BodyCap | undefined;
  for (const cap of policy.bodyCaps) {
    if ((!bodyCap || cap.maxBytes < bodyCap.maxBytes) && cap.matches(facts)) bodyCap = cap;
  }
  return { facts, applications, bodyCap, bodyNeed: bodyNeedOf(applications) };
}

/** The limits that apply, in the policy's order: those that match, and whose `per` callers the request has. */
export function applicationsOf(policy: Policy, facts: Facts, now: number): Application[] {
  const applications: Application[] = [];
  for (const policyLimit of policy.limits) {
    if (!policyLimit.matches(facts)) continue;
    const partition = policyLimit.partitionOf(facts);
    if (partition === undefined) continue;
    const limit = limitFor(policyLimit, facts, now);
    if (limit) applications.push({ policyLimit, limit, partition });
  }
  return applications;
}

/** The limit in the caller's plan, as its override changes it; undefined where that lifts it. */
export function limitFor(
  { limit, plans }: PolicyLimit,
  { plan, overrides }: Pick<Facts, "plan" | "overrides">,
  now: number,
): Limit | undefined {
  const planned = (plan !== undefined && plans.get(plan)) || limit;
  const override = overrides?.of(limit.name, now);
  return override ? overridden(planned, override) : planned;
}

/** What a request asks of a limit that applies to it. */
export function claimOf({ policyLimit, limit, partition }: Application, body: MeasuredBody | undefined): Claim {
  return { limit, partition, cost: costOf(policyLimit.cost, body) };
}

function bodyNeedOf(applications: readonly Application[]): Match["bodyNeed"] {
  let need: Match["bodyNeed"] = "nothing";
  for (const { policyLimit } of applications) {
    if (policyLimit.cost.kind === "items") return "content";
    if (policyLimit.cost.kind === "bytes") need = "length";
  }
  return need;
}

import type { DocsRequest, Policy, PolicyLimit } from "@headgate/policy";
import { type Credential, credentialOf } from "./credential.ts";
import { batchOf, exampleOf } from "./example.ts";
import { Stage } from "./staged/stage.ts";

/** What the pages are about: a policy, as its callers see it. */
export interface Subject {
  readonly policy: Policy;
  /** The limits that callers know of, in the policy's order: those that are only tried out are none of them. */
  readonly limits: readonly PolicyLimit[];
  readonly credential: Credential | undefined;
  /** The request that examples make. */
  readonly example: DocsRequest;
  /** A request that does the work of many. */
  readonly batch: DocsRequest | undefined;
  readonly stage: Stage;
  /** The statuses of refusals by the limits, that of the example request's first; 429 where there are no limits. */
  readonly limitedStatuses: readonly [number, ...number[]];
}

export function subjectOf(given: Policy): Subject {
  const policy = withoutUnknownPlans(given);
  const example = exampleOf(policy);
  const stage = new Stage(policy, example);
  const limits = policy.limits.filter(({ limit }) => !limit.isShadow);
  const [first = 429, ...others] = new Set([...stage.limits, ...limits].map((limit) => statusOf(limit, policy)));
  return {
    policy,
    limits,
    credential: credentialOf(policy),
    example,
    batch: batchOf(policy),
    stage,
    limitedStatuses: [first, ...others],
  };
}

/** Only managed credentials tell an account's plan: under the others nobody ever gets what a plan would. */
function withoutUnknownPlans(policy: Policy): Policy {
  if (policy.credentials === "managed") return policy;
  return { ...policy, plans: [], limits: policy.limits.map((limit) => ({ ...limit, plans: new Map() })) };
}

/** The status of a limit's refusals. */
export function statusOf({ response }: PolicyLimit, { responses }: Policy): number {
  return response?.status ?? responses.limited?.status ?? 429;
}

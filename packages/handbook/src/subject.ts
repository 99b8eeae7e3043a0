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
  /** The status of a refusal by the limits. */
  readonly limitedStatus: number;
}

export function subjectOf(policy: Policy): Subject {
  const example = exampleOf(policy);
  return {
    policy,
    limits: policy.limits.filter(({ limit }) => !limit.isShadow),
    credential: credentialOf(policy),
    example,
    batch: batchOf(policy),
    stage: new Stage(policy, example),
    limitedStatus: policy.responses.limited?.status ?? 429,
  };
}

import type { Store } from "@headgate/core";
import { Engine, type Policy, type RememberedCredentials, type WithoutStore } from "@headgate/policy";
import type { BodyBudget } from "./body-budget.ts";
import { type CredentialJudge, credentialJudge } from "./credentials.ts";
import type { DecisionTally } from "./decision-tally.ts";
import type { GatewayLog } from "./gateway-log.ts";
import { HeaderTwins } from "./header-twins.ts";
import { ClaimReader } from "./jwt.ts";
import type { LimitWatch } from "./limit-watch.ts";
import type { PagesOf, PublicPages } from "./public-pages.ts";
import type { Records } from "./records.ts";
import type { Suspender } from "./suspender.ts";
import type { TransportLimits } from "./transport-limits.ts";
import type { Upstream } from "./upstream.ts";

/** What stays the same for as long as a gateway runs. */
export interface Surroundings {
  readonly store: Store;
  /** Decides where the store cannot be asked. */
  readonly withoutStore: WithoutStore;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly log: GatewayLog;
  /** Who is on record; undefined where nobody is. */
  readonly control: Records | undefined;
  /** As `control`. */
  readonly suspender: Suspender | undefined;
  /** Where somebody wants to hear of accounts at their limits. */
  readonly limitWatch: LimitWatch | undefined;
  readonly tally: DecisionTally;
  readonly limits: TransportLimits;
  /** What the bodies that must be read before deciding may take together. */
  readonly bodyBudget: BodyBudget;
  /** Set when no more requests are wanted: connections close after their answer. */
  isDraining: boolean;
  /** The pages that go with a policy. */
  readonly pagesOf: PagesOf | undefined;
}

/** One policy being served: what a reload replaces as a whole. A request keeps the site it came to. */
export interface Site {
  readonly surroundings: Surroundings;
  readonly policy: Policy;
  readonly engine: Engine;
  readonly upstream: Upstream;
  readonly credentials: CredentialJudge;
  /** Whether any limit counts requests in flight, so that their ends matter. */
  readonly countsInFlight: boolean;
  /** Where the policy reads callers from tokens' claims. */
  readonly claims: ClaimReader | undefined;
  /** Of the headers that the policy reads. */
  readonly headerTwins: HeaderTwins;
  /** What is answered to anybody, from memory. */
  readonly pages: PublicPages | undefined;
}

/** Opens a site for a policy. Throws `HG_JWKS_UNREADABLE`, and then nothing has changed. */
export function openSite(
  policy: Policy,
  surroundings: Surroundings,
  upstream: Upstream,
  upstreamKnows: RememberedCredentials,
): Site {
  const { jwks } = policy.callers;
  return {
    surroundings,
    policy,
    engine: new Engine(policy, surroundings.store, surroundings.withoutStore),
    upstream,
    countsInFlight: policy.limits.some(({ limit }) => limit.algorithm === "concurrency"),
    credentials: credentialJudge(policy, upstreamKnows, surroundings.control?.directory),
    claims: jwks === undefined ? undefined : new ClaimReader(jwks, surroundings.clock, surroundings.log),
    headerTwins: new HeaderTwins(policy.headersRead),
    pages: surroundings.pagesOf?.(policy),
  };
}

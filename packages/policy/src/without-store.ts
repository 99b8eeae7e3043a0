import {
  type Charge,
  type Claim,
  type Decision,
  MemoryStore,
  NOT_CHARGED,
  type Store,
  type SyncStore,
  toDecision,
  type Verdict,
  withQuota,
} from "@headgate/core";
import type { MeasuredBody } from "./cost.ts";
import { type Application, claimOf, type Match } from "./match.ts";
import type { PolicyLimit } from "./policy.ts";
import { type StoreErrorLog, type StoreErrorOutcome, StoreErrorReport } from "./store-error-report.ts";

/** What a gate has in place of its store. */
export interface WithoutStoreOptions {
  /** Counts for limits with `on-store-error: local`. Where none is given, one is made when it is first needed. */
  readonly local?: SyncStore | undefined;
  /** How many processes share the quotas at this moment. Default 1. */
  readonly instances?: (() => number) | undefined;
  /** Hears once a minute at most of what was done without the store. */
  readonly log?: StoreErrorLog | undefined;
}

/** What is decided of a request without asking the store. */
export interface Fallback {
  readonly decision: Decision;
  /** One for each limit that matched, as a ruling has them: charged are those that were counted locally. */
  readonly charges: readonly Charge[];
  /** Where they are charged; undefined where nothing is. */
  readonly chargedIn: Store | undefined;
}

/**
 * Decides what the store cannot be asked about, as each limit's `on-store-error` says. Shadow limits have no part in it:
 * what they would have refused is not known.
 */
export class WithoutStore {
  readonly #instances: () => number;
  readonly #report: StoreErrorReport;
  #local: SyncStore | undefined;

  constructor({ local, instances = () => 1, log }: WithoutStoreOptions = {}) {
    this.#local = local;
    this.#instances = instances;
    this.#report = new StoreErrorReport(log);
  }

  /** This process's own counters. */
  get local(): SyncStore {
    this.#local ??= new MemoryStore();
    return this.#local;
  }

  /** Requests decided so since the start, by what decided them, and how many could not be settled. */
  get counts(): Readonly<Record<StoreErrorOutcome, number>> {
    return this.#report.counts;
  }

  /** One limit that denies is enough; else all that count locally are asked together, and the others admit. */
  decide({ applications }: Match, body: MeasuredBody | undefined, error: unknown, now: number): Fallback {
    const denying = withMode(applications, "deny");
    const counting = denying.length > 0 ? [] : withMode(applications, "local");
    this.#report.note(denying.length > 0 ? "deny" : counting.length > 0 ? "local" : "allow", error, now);
    const claims = counting.map((application) => this.#claimOf(application, body));
    const verdicts = claims.length > 0 ? this.local.consume(claims, now) : [];
    return {
      decision: fallbackDecision(denying, counting, claims, verdicts),
      charges: applications.map((application) => {
        const i = counting.indexOf(application);
        return { claim: claims[i] ?? claimOf(application, body), ticket: verdicts[i]?.ticket ?? NOT_CHARGED };
      }),
      chargedIn: claims.length > 0 ? this.local : undefined,
    };
  }

  /** What {@link decide} would say, without charging. */
  peek({ applications }: Match, now: number): Decision {
    const denying = withMode(applications, "deny");
    const counting = denying.length > 0 ? [] : withMode(applications, "local");
    const claims = counting.map((application) => this.#claimOf(application, undefined));
    const verdicts = claims.length > 0 ? this.local.peek(claims, now) : [];
    return fallbackDecision(denying, counting, claims, verdicts);
  }

  /** Takes note of a charge that could not be put right. */
  noteUnsettled(error: unknown, now: number): void {
    this.#report.note("unsettled", error, now);
  }

  /** What a request asks of this process's share of a limit. */
  #claimOf(application: Application, body: MeasuredBody | undefined): Claim {
    const { limit } = application;
    const share = Math.max(1, Math.floor(limit.quota / Math.max(1, this.#instances())));
    return { ...claimOf(application, body), limit: share === limit.quota ? limit : withQuota(limit, share) };
  }
}

function withMode(applications: readonly Application[], mode: PolicyLimit["onStoreError"]): Application[] {
  return applications.filter(({ limit, policyLimit }) => !limit.isShadow && policyLimit.onStoreError === mode);
}

function fallbackDecision(
  denying: readonly Application[],
  counting: readonly Application[],
  claims: readonly Claim[],
  verdicts: readonly Verdict[],
): Decision {
  const decision: Decision = { ...toDecision(verdicts), reason: "store-error" };
  // A cost above a share, but not above the quota, is too much for now and not for ever.
  const beyondShare = counting.filter(({ limit }, i) => {
    return verdicts[i]?.retryAfterMs === Number.POSITIVE_INFINITY && (claims[i]?.cost ?? 0) <= limit.capacity;
  });
  const refusing = [...denying, ...beyondShare].map(({ limit }) => limit);
  return refusing.length === 0 ? decision : { ...decision, allowed: false, refusedUnasked: refusing };
}

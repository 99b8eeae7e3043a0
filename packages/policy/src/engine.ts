import {
  type Awaitable,
  type Charge,
  type Claim,
  type Decision,
  NOT_CHARGED,
  type Store,
  toDecision,
  type Verdict,
} from "@headgate/core";
import { unlessFailed, whenKnown } from "./awaitable.ts";
import type { MeasuredBody } from "./cost.ts";
import type { Facts } from "./facts.ts";
import { claimOf, type Match, matchOf } from "./match.ts";
import type { Policy } from "./policy.ts";
import { dependsOnAnswer, type Outcome, type Settlement, settlementOf } from "./settlement.ts";
import { askedBy, StandingMatch } from "./standing-match.ts";
import { WithoutStore } from "./without-store.ts";

/** A request decided, and what was charged for it, so that it can be settled and released. */
export interface Ruling {
  readonly match: Match;
  readonly body: MeasuredBody | undefined;
  readonly decision: Decision;
  /** Epoch ms: what the decision says of time counts from here. */
  readonly decidedAt: number;
  readonly charges: readonly Charge[];
  /** Where they are charged: the store, or where it could not be asked, what counts in its place. */
  readonly chargedIn: Store;
}

/**
 * Decides requests by a policy: which limits apply, what they are asked, and what is put right when the answer is known.
 * Everything that serves and everything that rehearses goes through here. Time is an argument.
 */
export class Engine {
  readonly policy: Policy;
  /** Whether an answer can put anything right. If not, {@link settle} gives every ruling back as it is. */
  readonly settlesByAnswer: boolean;
  readonly #store: Store;
  readonly #withoutStore: WithoutStore;

  /** A store that fails is no error here: then `withoutStore` decides. */
  constructor(policy: Policy, store: Store, withoutStore: WithoutStore = new WithoutStore()) {
    this.policy = policy;
    this.settlesByAnswer = policy.credentials === "upstream" || policy.limits.some(dependsOnAnswer);
    this.#store = store;
    this.#withoutStore = withoutStore;
  }

  /** Which limits apply to a request, without asking any of them. */
  match(facts: Facts, now: number): Match {
    return matchOf(this.policy, facts, now);
  }

  /**
   * Decides for many who all match like this, but for their partitions. Undefined where deciding takes more: a body, an
   * answer that puts things right, or a store that has no `standing`.
   */
  standing({ applications }: Match): StandingMatch | undefined {
    const asked = this.policy.credentials === "upstream" ? undefined : askedBy(applications);
    const claims = asked && this.#store.standing?.(asked);
    return claims && new StandingMatch(claims, applications);
  }

  /** Asks every limit that applies, all or nothing. `body` must hold what `match.bodyNeed` asks for. */
  decide(match: Match, body: MeasuredBody | undefined, now: number): Awaitable<Ruling> {
    const claims = match.applications.map((application) => claimOf(application, body));
    return unlessFailed<readonly Verdict[], Ruling>(
      () => this.#store.consume(claims, now),
      (verdicts) => ({
        match,
        body,
        decision: toDecision(verdicts),
        decidedAt: now,
        charges: chargesOf(claims, verdicts),
        chargedIn: this.#store,
      }),
      (error) => this.#decideWithoutStore(match, body, error, now),
    );
  }

  /** What the limits say of a request that was answered without being decided. Charges nothing. */
  peek(match: Match, now: number): Awaitable<Decision> {
    const claims = match.applications.map((application) => claimOf(application, undefined));
    return unlessFailed(
      () => this.#store.peek(claims, now),
      toDecision,
      () => this.#withoutStore.peek(match, now),
    );
  }

  /**
   * Puts right what the answer has shown: gives back what `refund` and `charge` say, charges costs that only the
   * response tells, and moves the charge where a credential turned out to be other than assumed. Returns the ruling to
   * advertise. Call it once, before the response's headers go out, for admitted requests. Where the store fails, the
   * ruling stays as it is.
   */
  settle(ruling: Ruling, outcome: Outcome, now: number): Awaitable<Ruling> {
    const settlement = settlementOf(this.policy, ruling, outcome, now);
    if (!settlement) return ruling;
    return unlessFailed(
      () => this.#carryOut(settlement, ruling, now),
      (settled) => settled,
      (error) => {
        this.#withoutStore.noteUnsettled(error, now);
        return ruling;
      },
    );
  }

  /** Frees the places a request held in concurrency limits. Call it when the response has ended, however it ended. */
  release({ charges, chargedIn }: Ruling, now: number): void {
    const held = charges.filter(
      ({ claim, ticket }) => ticket !== NOT_CHARGED && claim.limit.algorithm === "concurrency",
    );
    if (held.length === 0) return;
    // Nobody waits for this. Where a store fails, the places are free when their hold is over.
    void unlessFailed(
      () => chargedIn.refund(held, now),
      () => {},
      (error) => this.#withoutStore.noteUnsettled(error, now),
    );
  }

  #decideWithoutStore(match: Match, body: MeasuredBody | undefined, error: unknown, now: number): Ruling {
    const { decision, charges, chargedIn = this.#store } = this.#withoutStore.decide(match, body, error, now);
    return { match, body, decision, decidedAt: now, charges, chargedIn };
  }

  #carryOut({ match, kept, refunds, extra }: Settlement, ruling: Ruling, now: number): Awaitable<Ruling> {
    const { chargedIn: store } = ruling;
    const refunded = refunds.length > 0 ? store.refund(refunds, now) : [];
    const charged = whenKnown(refunded, () => (extra.length > 0 ? store.charge(extra, now) : []));
    return whenKnown(charged, (verdicts) => {
      const settled = { ...ruling, match, charges: [...kept, ...chargesOf(extra, verdicts)] };
      return unlessFailed<readonly Verdict[], Ruling>(
        () => store.peek(claimsToShow(settled, ruling), now),
        (standing) => ({ ...settled, decision: standingAs(ruling.decision, standing), decidedAt: now }),
        () => settled,
      );
    });
  }
}

/** All that apply; where the store could not be asked, those that were counted in its place. */
function claimsToShow({ match, body }: Ruling, { decision, charges }: Ruling): Claim[] {
  if (decision.reason !== "store-error") return match.applications.map((application) => claimOf(application, body));
  return charges.filter(({ ticket }) => ticket !== NOT_CHARGED).map(({ claim }) => claim);
}

/** The request has been admitted: what the next one would meet is not for this one's headers to say. */
function standingAs({ reason }: Decision, verdicts: readonly Verdict[]): Decision {
  return { ...toDecision(verdicts.map((verdict) => ({ ...verdict, admitted: true, retryAfterMs: 0 }))), reason };
}

function chargesOf(claims: readonly Claim[], verdicts: readonly Verdict[]): Charge[] {
  return claims.map((claim, i) => ({ claim, ticket: (verdicts[i] as Verdict).ticket }));
}

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
import { whenKnown } from "./awaitable.ts";
import type { MeasuredBody } from "./cost.ts";
import type { Facts } from "./facts.ts";
import { claimOf, type Match, matchOf } from "./match.ts";
import type { Policy } from "./policy.ts";
import { dependsOnAnswer, type Outcome, type Settlement, settlementOf } from "./settlement.ts";

/** A request decided, and what was charged for it, so that it can be settled and released. */
export interface Ruling {
  readonly match: Match;
  readonly body: MeasuredBody | undefined;
  readonly decision: Decision;
  /** Epoch ms: what the decision says of time counts from here. */
  readonly decidedAt: number;
  readonly charges: readonly Charge[];
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

  constructor(policy: Policy, store: Store) {
    this.policy = policy;
    this.settlesByAnswer = policy.credentials === "upstream" || policy.limits.some(dependsOnAnswer);
    this.#store = store;
  }

  /** Which limits apply to a request, without asking any of them. */
  match(facts: Facts, now: number): Match {
    return matchOf(this.policy, facts, now);
  }

  /** Asks every limit that applies, all or nothing. `body` must hold what `match.bodyNeed` asks for. */
  decide(match: Match, body: MeasuredBody | undefined, now: number): Awaitable<Ruling> {
    const claims = match.applications.map((application) => claimOf(application, body));
    return whenKnown(this.#store.consume(claims, now), (verdicts) => ({
      match,
      body,
      decision: toDecision(verdicts),
      decidedAt: now,
      charges: chargesOf(claims, verdicts),
    }));
  }

  /** What the limits say of a request that was answered without being decided. Charges nothing. */
  peek(match: Match, now: number): Awaitable<Decision> {
    const claims = match.applications.map((application) => claimOf(application, undefined));
    return whenKnown(this.#store.peek(claims, now), toDecision);
  }

  /**
   * Puts right what the answer has shown: gives back what `refund` and `charge` say, charges costs that only the
   * response tells, and moves the charge where a credential turned out to be other than assumed. Returns the ruling to
   * advertise. Call it once, before the response's headers go out, for admitted requests.
   */
  settle(ruling: Ruling, outcome: Outcome, now: number): Awaitable<Ruling> {
    const settlement = settlementOf(this.policy, ruling, outcome, now);
    return settlement ? this.#carryOut(settlement, ruling.body, now) : ruling;
  }

  /** Frees the places a request held in concurrency limits. Call it when the response has ended, however it ended. */
  release({ charges }: Ruling, now: number): void {
    const held = charges.filter(
      ({ claim, ticket }) => ticket !== NOT_CHARGED && claim.limit.algorithm === "concurrency",
    );
    if (held.length === 0) return;
    const released = this.#store.refund(held, now);
    // Nobody waits for this. Where a store fails, the places are free when their hold is over.
    if (released instanceof Promise) released.catch(() => {});
  }

  #carryOut(
    { match, kept, refunds, extra }: Settlement,
    body: MeasuredBody | undefined,
    now: number,
  ): Awaitable<Ruling> {
    const claims = match.applications.map((application) => claimOf(application, body));
    const refunded = refunds.length > 0 ? this.#store.refund(refunds, now) : [];
    const charged = whenKnown(refunded, () => (extra.length > 0 ? this.#store.charge(extra, now) : []));
    return whenKnown(charged, (verdicts) =>
      whenKnown(this.#store.peek(claims, now), (standing) => ({
        match,
        body,
        // The request has been admitted: what the next one would meet is not for this one's headers to say.
        decision: toDecision(standing.map((verdict) => ({ ...verdict, admitted: true, retryAfterMs: 0 }))),
        decidedAt: now,
        charges: [...kept, ...chargesOf(extra, verdicts)],
      })),
    );
  }
}

function chargesOf(claims: readonly Claim[], verdicts: readonly Verdict[]): Charge[] {
  return claims.map((claim, i) => ({ claim, ticket: (verdicts[i] as Verdict).ticket }));
}

import {
  type Awaitable,
  type Charge,
  type Claim,
  type Decision,
  type Limit,
  NOT_CHARGED,
  type Store,
  toDecision,
  type Verdict,
} from "@headgate/core";
import { costOf, type MeasuredBody } from "./cost.ts";
import type { Facts } from "./facts.ts";
import type { BodyCap, Policy, PolicyLimit } from "./policy.ts";

/** One limit that applies to a request. */
export interface Application {
  readonly policyLimit: PolicyLimit;
  /** The limit in the caller's plan. */
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

/** A request decided: what was charged for it, so that it can be settled and released. */
export interface Ruling {
  readonly match: Match;
  readonly decision: Decision;
  /** What each application was charged; parallel to `match.applications`. */
  readonly charges: readonly Charge[];
}

/** What is known once the upstream has answered. */
export interface Outcome {
  readonly status: number;
  /** A response header by lower-case name. */
  header(name: string): string | undefined;
  /** Whether the credential turned out valid; differs from the facts only under `credentials: upstream`. */
  readonly authenticated: boolean;
}

/**
 * Decides requests by a policy: which limits apply, what they are asked, and what is put right when the answer is known.
 * Everything that serves and everything that rehearses goes through here. Time is an argument.
 */
export class Engine {
  readonly policy: Policy;
  readonly #store: Store;

  constructor(policy: Policy, store: Store) {
    this.policy = policy;
    this.#store = store;
  }

  /** Which limits apply to a request, without asking any of them. */
  match(facts: Facts): Match {
    const applications = applicationsOf(this.policy, facts);
    let bodyCap: BodyCap | undefined;
    for (const cap of this.policy.bodyCaps) {
      if ((!bodyCap || cap.maxBytes < bodyCap.maxBytes) && cap.matches(facts)) bodyCap = cap;
    }
    return { facts, applications, bodyCap, bodyNeed: bodyNeedOf(applications) };
  }

  /** Asks every limit that applies, all or nothing. `body` must hold what `match.bodyNeed` asks for. */
  decide(match: Match, body: MeasuredBody | undefined, now: number): Awaitable<Ruling> {
    const claims = match.applications.map((application) => claimOf(application, body));
    const verdicts = this.#store.consume(claims, now);
    return then(verdicts, (known) => ruling(match, claims, known));
  }

  /**
   * Puts right what the answer has shown: gives back what `refund` and `charge` say, charges costs that only the
   * response tells, and moves the charge where a credential turned out to be other than assumed. Returns the ruling to
   * advertise. Call it once, before the response's headers go out, for admitted requests.
   */
  settle(given: Ruling, outcome: Outcome, now: number): Awaitable<Ruling> {
    const settlement = settlementOf(this.policy, given, outcome);
    if (!settlement) return given;
    const { match, refunds, extra, kept } = settlement;
    return then(refunds.length > 0 ? this.#store.refund(refunds, now) : [], () =>
      then(extra.length > 0 ? this.#store.charge(extra, now) : [], (charged) => {
        const claims = match.applications.map((application) => claimOf(application, undefined));
        return then(this.#store.peek(claims, now), (verdicts) => {
          const shown = verdicts.map((verdict) => ({ ...verdict, admitted: true, retryAfterMs: 0 }));
          const charges = [...kept, ...charged.map((verdict, i) => chargeOf(extra[i] as Claim, verdict))];
          return { match, decision: toDecision(shown), charges };
        });
      }),
    );
  }

  /** Frees the places a request held in concurrency limits. Call it when the response has ended, however it ended. */
  release(given: Ruling, now: number): void {
    const held = given.charges.filter(({ claim, ticket }) => ticket !== NOT_CHARGED && isConcurrency(claim));
    if (held.length > 0) void this.#store.refund(held, now);
  }

  /** Gives everything back, as if the request had never come: for requests refused after they were admitted. */
  cancel(given: Ruling, now: number): void {
    const charged = given.charges.filter(({ ticket }) => ticket !== NOT_CHARGED);
    if (charged.length > 0) void this.#store.refund(charged, now);
  }
}

/** The limits that apply, in the policy's order: those that match, and whose `per` callers the request has. */
export function applicationsOf(policy: Policy, facts: Facts): Application[] {
  const applications: Application[] = [];
  for (const policyLimit of policy.limits) {
    if (!policyLimit.matches(facts)) continue;
    const partition = policyLimit.partitionOf(facts);
    if (partition === undefined) continue;
    const limit = (facts.plan !== undefined && policyLimit.plans.get(facts.plan)) || policyLimit.limit;
    applications.push({ policyLimit, limit, partition });
  }
  return applications;
}

function bodyNeedOf(applications: readonly Application[]): Match["bodyNeed"] {
  let need: Match["bodyNeed"] = "nothing";
  for (const { policyLimit } of applications) {
    if (policyLimit.cost.kind === "items") return "content";
    if (policyLimit.cost.kind === "bytes") need = "length";
  }
  return need;
}

function claimOf({ policyLimit, limit, partition }: Application, body: MeasuredBody | undefined): Claim {
  return { limit, partition, cost: costOf(policyLimit.cost, body) };
}

function chargeOf(claim: Claim, verdict: Verdict): Charge {
  return { claim, ticket: verdict.ticket };
}

function ruling(match: Match, claims: readonly Claim[], verdicts: readonly Verdict[]): Ruling {
  return {
    match,
    decision: toDecision(verdicts),
    charges: claims.map((claim, i) => chargeOf(claim, verdicts[i] as Verdict)),
  };
}

interface Settlement {
  readonly match: Match;
  readonly refunds: readonly Charge[];
  readonly extra: readonly Claim[];
  readonly kept: readonly Charge[];
}

/** What settling has to do, or undefined when the request was charged rightly, as nearly all are. */
function settlementOf(policy: Policy, given: Ruling, outcome: Outcome): Settlement | undefined {
  const { match } = given;
  const turned = outcome.authenticated !== match.facts.authenticated;
  if (!turned && !match.applications.some(({ policyLimit }) => isSettledLater(policyLimit))) return undefined;

  const facts = turned ? { ...match.facts, authenticated: outcome.authenticated } : match.facts;
  const applications = turned ? applicationsOf(policy, facts) : match.applications;
  const refunds: Charge[] = [];
  const kept: Charge[] = [];
  const extra: Claim[] = [];

  match.applications.forEach(({ policyLimit }, i) => {
    const charge = given.charges[i] as Charge;
    const stillApplies = applications.some((application) => application.policyLimit === policyLimit);
    const isWanted = stillApplies && isCharged(policyLimit, outcome.status);
    (isWanted || charge.ticket === NOT_CHARGED ? kept : refunds).push(charge);
    if (isWanted && policyLimit.cost.kind === "response-header") {
      const more = headerCost(outcome, policyLimit.cost.name) - charge.claim.cost;
      if (more > 0) extra.push({ ...charge.claim, cost: more });
    }
  });
  for (const application of applications) {
    const isNew = !match.applications.some(({ policyLimit }) => policyLimit === application.policyLimit);
    if (isNew && isCharged(application.policyLimit, outcome.status)) extra.push(claimOf(application, undefined));
  }
  return { match: { ...match, facts, applications }, refunds, extra, kept };
}

function isSettledLater({ refund, charge, cost }: PolicyLimit): boolean {
  return refund !== undefined || charge !== undefined || cost.kind === "response-header";
}

/** Whether a response of this status is charged in the end. */
function isCharged({ refund, charge }: PolicyLimit, status: number): boolean {
  return !refund?.(status) && (charge?.(status) ?? true);
}

/** A cost the upstream told: a whole number, at least 0; a missing or malformed one counts as 1. */
function headerCost(outcome: Outcome, name: string): number {
  const text = outcome.header(name);
  return text !== undefined && /^\d{1,12}$/.test(text.trim()) ? Number(text) : 1;
}

function isConcurrency({ limit }: Claim): boolean {
  return limit.algorithm === "concurrency";
}

/** Goes on at once where the value is there, and later where it is promised. */
function then<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

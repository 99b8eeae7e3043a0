import { type Decision, type HeaderPair, type Limit, MemoryStore, renderHeaders, toDecision } from "@headgate/core";
import {
  type Application,
  type BodyCap,
  type DocsRequest,
  Engine,
  type Facts,
  type Match,
  type Policy,
  type PolicyLimit,
  type Refusal,
  type Ruling,
  renderRefusal,
} from "@headgate/policy";
import { countsBody } from "../words/allowance.ts";
import { factsOf, factsOfStranger, requestFor } from "./request-for.ts";

/** When examples take place: a fixed instant, so that the same policy always gives the same pages. */
export const STAGED_AT: number = Date.UTC(2026, 0, 1, 12);

/** Requests that an admitted example has behind it. */
const REQUESTS_BEFORE = 4;
/** Concurrency limits larger than this have no example: each place would have to be taken by itself. */
const MOST_PLACES = 10_000;

/** Plays requests through the very engine that serves, at a fixed time: what examples show is what it says. */
export class Stage {
  readonly #policy: Policy;
  readonly #request: DocsRequest;

  /** `request` is the one that the examples are about. */
  constructor(policy: Policy, request: DocsRequest) {
    this.#policy = policy;
    this.#request = request;
  }

  /** The limits that the example request meets and callers know of. */
  get limits(): readonly PolicyLimit[] {
    const { engine } = open(this.#policy);
    const { applications } = engine.match(factsOf(this.#policy, this.#request), STAGED_AT);
    return applications.map(({ policyLimit }) => policyLimit).filter(({ limit }) => !limit.isShadow);
  }

  /** The rate-limit headers of the example request's answer, when a few were admitted before it. */
  answer(): readonly HeaderPair[] {
    const { engine } = open(this.#policy);
    const match = engine.match(factsOf(this.#policy, this.#request), STAGED_AT);
    let ruling = this.#decide(engine, match, STAGED_AT);
    for (let i = 0; i < REQUESTS_BEFORE; i++) {
      engine.release(ruling, STAGED_AT);
      const next = this.#decide(engine, match, STAGED_AT);
      if (!next.decision.allowed) break;
      ruling = next;
    }
    return this.#headersOf(ruling);
  }

  /**
   * The refusal of a caller who has used up this limit, a while ago where that still counts; undefined where no request is found
   * that the limit alone refuses.
   */
  refusalBy(policyLimit: PolicyLimit): Refusal | undefined {
    const facts = requestFor(this.#policy, policyLimit, this.#request);
    if (!facts) return undefined;
    const { engine, store } = open(this.#policy);
    const now = STAGED_AT + sinceUsed(policyLimit.limit);
    const match = engine.match(facts, now);
    const application = match.applications.find((found) => found.policyLimit === policyLimit);
    if (!application) return undefined;
    const { limit } = application;
    if (limit.algorithm === "concurrency" && limit.capacity > MOST_PLACES) return undefined;
    for (const other of match.applications) if (isUsedBeside(other, application)) use(store, other, limit.capacity);
    const { decision } = this.#decide(engine, match, now);
    if (decision.allowed || decision.binding?.limit !== limit) return undefined;
    return this.#refusalBy(decision, now);
  }

  /**
   * The refusal of a body that asks for more of this limit than there ever is; undefined where a body's size does not
   * count for it, or no request is found that it applies to.
   */
  refusalOfCost(policyLimit: PolicyLimit): Refusal | undefined {
    if (!countsBody(policyLimit)) return undefined;
    const facts = requestFor(this.#policy, policyLimit, this.#requestWithBody);
    if (!facts) return undefined;
    const { engine, store } = open(this.#policy);
    const { applications } = engine.match(facts, STAGED_AT);
    const claims = applications.map(({ limit, partition, policyLimit: other }) => ({
      limit,
      partition,
      cost: other === policyLimit ? limit.capacity + 1 : 1,
    }));
    const decision = toDecision(store.consume(claims, STAGED_AT));
    return this.#refusalBy(decision, STAGED_AT);
  }

  /** The refusal of a body over this cap, which is not counted. */
  refusalOfBody(cap: BodyCap): Refusal {
    const refusal = renderRefusal(this.#policy, "too-large", { cap });
    return this.#uncounted(refusal, requestFor(this.#policy, cap, this.#requestWithBody));
  }

  /** The refusal of the example request by a caller who is suspended, which is not counted. */
  refusalOfSuspended(suspendedForSeconds: number | undefined): Refusal {
    const refusal = renderRefusal(this.#policy, "suspended", { suspendedForSeconds });
    return this.#uncounted(refusal, factsOf(this.#policy, this.#request));
  }

  /** The refusal of the example request without a valid credential, which is counted. */
  refusalOfStranger(): Refusal {
    const { engine } = open(this.#policy);
    const match = engine.match(factsOfStranger(this.#policy, this.#request), STAGED_AT);
    const refusal = renderRefusal(this.#policy, "unauthenticated");
    return { ...refusal, headers: [...refusal.headers, ...this.#headersOf(this.#decide(engine, match, STAGED_AT))] };
  }

  get #requestWithBody(): DocsRequest {
    const { method } = this.#request;
    return { ...this.#request, method: method === "GET" ? "POST" : method };
  }

  #refusalBy(decision: Decision, decidedAt: number): Refusal {
    const refusal = renderRefusal(this.#policy, "limited", { decision, now: decidedAt });
    return { ...refusal, headers: [...refusal.headers, ...this.#headersOf({ decision, decidedAt })] };
  }

  /** A refusal with the headers of a caller who has not used anything. */
  #uncounted(refusal: Refusal, facts: Facts | undefined): Refusal {
    if (!facts) return refusal;
    const { engine } = open(this.#policy);
    const decision = engine.peek(engine.match(facts, STAGED_AT), STAGED_AT) as Decision;
    return { ...refusal, headers: [...refusal.headers, ...this.#headersOf({ decision, decidedAt: STAGED_AT })] };
  }

  #headersOf({ decision, decidedAt }: Pick<Ruling, "decision" | "decidedAt">): readonly HeaderPair[] {
    return renderHeaders(decision, this.#policy.responses.headers, decidedAt);
  }

  #decide(engine: Engine, match: Match, now: number): Ruling {
    const text = JSON.stringify(this.#request.body) ?? "";
    return engine.decide(match, { bytes: text.length, text }, now) as Ruling;
  }
}

/** How long ago a limit was used up that now refuses: a bucket that refills all the time would admit again soon after. */
function sinceUsed({ algorithm, windowMs }: Limit): number {
  return algorithm === "token-bucket" ? 0 : Math.floor(windowMs / 4);
}

/** Whether what uses up one limit shows on another: requests that are over do not, nor those of an earlier window. */
function isUsedBeside({ limit }: Application, { limit: used }: Application): boolean {
  if (limit === used) return true;
  return limit.algorithm !== "concurrency" && limit.capacity > used.capacity && limit.windowMs >= used.windowMs;
}

function use(store: MemoryStore, { limit, partition }: Application, units: number): void {
  if (limit.algorithm !== "concurrency") store.charge([{ limit, partition, cost: units }], STAGED_AT);
  else for (let i = 0; i < units; i++) store.consume([{ limit, partition, cost: 1 }], STAGED_AT);
}

function open(policy: Policy): { readonly engine: Engine; readonly store: MemoryStore } {
  const store = new MemoryStore({ maxPartitions: 1024, maxHolders: MOST_PLACES });
  return { engine: new Engine(policy, store), store };
}

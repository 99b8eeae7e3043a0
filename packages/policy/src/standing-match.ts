import { type Asked, type Decision, type StandingClaims, toDecision, WORDS_PER_CLAIM } from "@headgate/core";
import type { Facts } from "./facts.ts";
import type { Application } from "./match.ts";
import type { PolicyLimit } from "./policy.ts";
import { dependsOnAnswer } from "./settlement.ts";

/**
 * Limits that many callers meet alike, each its own counters of them. Where those are is worked out once for each caller,
 * and kept by whoever decides, in {@link words} elements of an array of its own: that saves the match and its partitions for
 * each request.
 */
export class StandingMatch {
  readonly words: number;
  readonly #claims: StandingClaims;
  readonly #limits: readonly PolicyLimit[];

  constructor(claims: StandingClaims, applications: readonly Application[]) {
    this.words = applications.length * WORDS_PER_CLAIM;
    this.#claims = claims;
    this.#limits = applications.map(({ policyLimit }) => policyLimit);
  }

  /** Writes where a caller's counters are from `places[at]` on. It meets these limits, and no others: only who it is differs. */
  locate(facts: Facts, places: Int32Array, at: number): void {
    const partitions = this.#limits.map((limit) => limit.partitionOf(facts) as string);
    this.#claims.locate(partitions, places, at);
  }

  /** Reads ahead what {@link decide} will read: see {@link StandingClaims.approach}. */
  approach(places: Int32Array, at: number): void {
    this.#claims.approach(places, at);
  }

  /**
   * What {@link Engine.decide} decides for the caller that was located there. Its verdicts are good until the next is decided.
   * Throws where the store fails.
   */
  decide(places: Int32Array, at: number, now: number): Decision {
    return toDecision(this.#claims.consume(places, at, now));
  }
}

/** What all of them ask, where that is known before the body is and stays as it is when the answer has come. */
export function askedBy(applications: readonly Application[]): Asked[] | undefined {
  const asked: Asked[] = [];
  for (const { policyLimit, limit } of applications) {
    const { cost } = policyLimit;
    if (cost.kind !== "units" || limit.algorithm === "concurrency" || dependsOnAnswer(policyLimit)) return undefined;
    asked.push({ limit, cost: cost.units });
  }
  return asked;
}

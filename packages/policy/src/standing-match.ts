import { type Asked, type Decision, type StandingClaims, toDecision, WORDS_PER_CLAIM } from "@headgate/core";
import type { Application, Match } from "./match.ts";
import { dependsOnAnswer } from "./settlement.ts";

/**
 * Limits that many callers meet alike, each its own counters of them. Where those are is worked out once for each caller,
 * and kept by whoever decides, in {@link words} elements of an array of its own: that saves the match and its partitions for
 * each request.
 */
export class StandingMatch {
  readonly words: number;
  readonly #claims: StandingClaims;

  constructor(claims: StandingClaims, limits: number) {
    this.words = limits * WORDS_PER_CLAIM;
    this.#claims = claims;
  }

  /** Writes where a caller's counters are from `places[at]` on. Its match differs from the others' in partitions alone. */
  locate({ applications }: Match, places: Int32Array, at: number): void {
    const partitions = applications.map(({ partition }) => partition);
    this.#claims.locate(partitions, places, at);
  }

  /** What {@link Engine.decide} decides for the caller that was located there. Throws where the store fails. */
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

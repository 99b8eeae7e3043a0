import { applicationsOf, type Facts, type Policy, type PolicyLimit, readTarget } from "@headgate/policy";
import type { LoggedRequest } from "../logged-request.ts";
import type { CandidateWindow } from "./candidate-windows.ts";
import type { Crowd } from "./crowd.ts";
import { Peaks } from "./peaks.ts";

interface Place {
  readonly peaks: Peaks;
  readonly scope: number;
}

/**
 * Counts what callers ask for. Which requests are of which scope, and whose, is for a policy to say that has a limit for
 * each scope, in the order of the crowds: so it is what a gate will say of them too.
 */
export class Measurement {
  /** In the order of the crowds. */
  readonly peaks: readonly Peaks[];
  readonly #policy: Policy;
  readonly #places = new Map<PolicyLimit, Place>();

  constructor(policy: Policy, crowds: readonly Crowd[], windows: readonly CandidateWindow[]) {
    const limits = windows.map(({ limit }) => limit);
    this.#policy = policy;
    this.peaks = crowds.map(({ scopes, countIn }) => new Peaks(limits, scopes.length, countIn));
    const places = crowds.flatMap(({ scopes }, i) =>
      scopes.map((_, scope) => ({ peaks: this.peaks[i] as Peaks, scope })),
    );
    for (const [i, limit] of policy.limits.entries()) this.#places.set(limit, places[i] as Place);
  }

  note(request: LoggedRequest): void {
    const facts = this.#factsOf(request);
    if (!facts) return;
    for (const { policyLimit, partition } of applicationsOf(this.#policy, facts, request.time)) {
      const { peaks, scope } = this.#places.get(policyLimit) as Place;
      peaks.note(partition, scope, request.time);
    }
  }

  /** Undefined for what a gate would answer with 400: no limit counts it. */
  #factsOf({ method, target, headers, ip = "" }: LoggedRequest): Facts | undefined {
    const read = readTarget(target);
    const callers = read && this.#policy.callers.read({ headers, query: read.query, peerAddress: ip });
    if (!callers) return undefined;
    const authenticated = this.#policy.callers.credentialOf(callers) !== undefined;
    return { method, path: read.path, headers, callers, authenticated };
  }
}

import { CREDENTIALS, type Engine, type Match, type RememberedCredentials, readTarget } from "@headgate/policy";
import { type LoggedRequest, NO_HEADERS } from "../logged-request.ts";
import type { Tallied, Tally } from "../tally/tally.ts";
import { type KnownCaller, knownCaller } from "./known-caller.ts";

/** A request that a gate could read: who is calling, which limits it meets, and where it is counted. */
export interface Meeting extends Tallied {
  readonly known: KnownCaller;
  /** Undefined where a gate would answer 400. */
  readonly match: Match | undefined;
}

/**
 * Meets requests with a policy: reads who is calling as a gate does, and asks the engine what applies. Nothing of it is
 * remembered here: see `Visitors` for those who need not be looked at.
 */
export class Meetings {
  readonly #engine: Engine;
  readonly #tally: Tally;
  readonly #accepted: RememberedCredentials;

  constructor(engine: Engine, tally: Tally, accepted: RememberedCredentials) {
    this.#engine = engine;
    this.#tally = tally;
    this.#accepted = accepted;
  }

  of(request: LoggedRequest): Meeting {
    const { policy } = this.#engine;
    const { method, headers, ip = "", time } = request;
    const target = readTarget(request.target);
    const presented = target && policy.callers.read({ headers, query: target.query, peerAddress: ip });
    if (!target || !presented) return this.#unreadable(ip, time);
    const known = knownCaller(policy, presented, (credential) => this.#accepted.isValid(credential));
    const { callers, authenticated } = known;
    const match = this.#engine.match({ method, path: target.path, headers, callers, authenticated }, time);
    const kind = (authenticated && CREDENTIALS.find((name) => callers[name] !== undefined)) || "ip";
    return {
      known,
      match,
      caller: this.#tally.callers.meet(kind, callers[kind] as string, time),
      endpoint: this.#tally.endpoint(policy.endpoints.patternOf(method, target.path)),
      limits: this.#tally.limits(match),
    };
  }

  #unreadable(ip: string, now: number): Meeting {
    const callers = this.#engine.policy.callers.read({ headers: NO_HEADERS, query: "", peerAddress: ip }) ?? { ip };
    return {
      known: { callers, authenticated: false, suspendable: {} },
      match: undefined,
      caller: this.#tally.callers.meet("ip", callers.ip as string, now),
      endpoint: this.#tally.endpoint(""),
      limits: [],
    };
  }
}

import type { LogReport } from "./log-report.ts";

/** What a policy would have done to the traffic of a log: plain data, the same as JSON as it is here. */
export interface Rehearsal {
  /** The policy's title. */
  readonly title: string;
  /** Epoch ms of the first and of the last request; null where there was none. */
  readonly from: number | null;
  readonly until: number | null;
  readonly requests: number;
  readonly admitted: number;
  readonly refused: number;
  /** Requests that a shadow limit would have refused, and nothing else did. They are among the admitted. */
  readonly shadowRefused: number;
  /** Refused requests by what they were refused for; together they are `refused`. */
  readonly reasons: Readonly<Record<RefusalReason, number>>;
  /** Every limit and body cap of the policy, in its order, those that met nothing too. */
  readonly limits: readonly LimitTally[];
  /** Those refused (or shadow-refused) most, the most refused first: 20, unless more were asked for. */
  readonly callers: readonly CallerTally[];
  /** Callers there were at all. */
  readonly callersSeen: CallerCount;
  /** Callers refused at least once; shadow limits refuse nobody. */
  readonly callersRefused: CallerCount;
  /** The policy's endpoints that were met, the most refused first. */
  readonly endpoints: readonly EndpointTally[];
  /** All callers together. */
  readonly shutOut: ShutOut;
  readonly timeline: Timeline;
  /** What was read, and what could not be. */
  readonly log: LogReport;
  /** What the log could not tell and how it was rehearsed instead: whole sentences, each once. */
  readonly notes: readonly string[];
}

/**
 * `limited`: over a quota, and waiting helps. `too-costly`: the cost is above a quota. `too-large`: the body is above a
 * cap. `suspended`: refused often enough before. `unreadable`: the gate answers 400, for an ambiguous path or two
 * credentials that contradict each other.
 */
export type RefusalReason = "limited" | "too-costly" | "too-large" | "suspended" | "unreadable";

export interface LimitTally {
  readonly name: string;
  readonly kind: "rate" | "body-cap";
  readonly isShadow: boolean;
  /** Requests it applied to. */
  readonly met: number;
  /** Requests it would have refused by itself. One request may be denied by several limits. */
  readonly denied: number;
  /** Refused requests whose refusal names it: no request counts twice. 0 for shadow limits. */
  readonly binding: number;
  /** Callers that it denied at least once. */
  readonly callersDenied: CallerCount;
}

/** Who called: the foremost credential of a request, or its address where there is none. */
export interface CallerTally {
  /** `api-key`, `token`, `account` or `ip`. */
  readonly kind: string;
  /** An address as it is; of a credential the first characters and a short hash, which tells two apart. */
  readonly value: string;
  /** Its requests. Where more callers came than are remembered, those since it was last met anew. */
  readonly requests: number;
  readonly refused: number;
  readonly shadowRefused: number;
  /** Its refusals by the limit, cap or `suspended` that each names. */
  readonly refusedBy: Readonly<Record<string, number>>;
  readonly shutOut: ShutOut;
}

/**
 * How long callers stood before a closed door. One time begins with a refusal, and ends with the caller's next admitted
 * request, or when the wait it was last told is over, whichever is first.
 */
export interface ShutOut {
  readonly times: number;
  readonly totalMs: number;
  readonly longestMs: number;
}

export interface CallerCount {
  readonly count: number;
  /** True where there were too many to remember: then the count is good to some 2 %. */
  readonly isEstimate: boolean;
}

export interface EndpointTally {
  /** The pattern of `endpoints` that matched; null for all routes that none matches. */
  readonly endpoint: string | null;
  readonly requests: number;
  readonly admitted: number;
  readonly refused: number;
  readonly shadowRefused: number;
}

/** Requests over time, in equal steps without gaps, at most 400 of them. */
export interface Timeline {
  /** A whole number of seconds; steps begin on its multiples since the Unix epoch. */
  readonly stepMs: number;
  readonly steps: readonly TimelineStep[];
}

export interface TimelineStep {
  /** Epoch ms. */
  readonly from: number;
  readonly admitted: number;
  readonly refused: number;
  /** Among the admitted. */
  readonly shadowRefused: number;
}

import type { Limit, Verdict } from "@headgate/core";
import type { BodyCap, Match, Policy } from "@headgate/policy";
import type { LogReport } from "../log-report.ts";
import type { EndpointTally, RefusalReason, Rehearsal } from "../rehearsal.ts";
import type { Decided } from "../replay/decided.ts";
import { CallerBook } from "./caller-book.ts";
import type { CallerRecord } from "./caller-record.ts";
import { Count } from "./count.ts";
import { LimitCount } from "./limit-count.ts";
import { TimeSteps } from "./time-steps.ts";

/** Where the requests of one kind are counted: of one caller, at one endpoint, that meet the same limits. */
export interface Tallied {
  readonly caller: CallerRecord;
  readonly endpoint: Count;
  /** In the order of the limits that apply. */
  readonly limits: readonly LimitCount[];
}

/** Counts what was decided, in memory that does not grow with the log. */
export class Tally {
  readonly callers: CallerBook = new CallerBook();
  readonly #policy: Policy;
  readonly #limits: ReadonlyMap<Limit | BodyCap, LimitCount>;
  readonly #endpoints = new Map<string, Count>();
  readonly #total = new Count();
  readonly #reasons = { limited: 0, "too-costly": 0, "too-large": 0, suspended: 0, unreadable: 0 } satisfies Record<
    RefusalReason,
    number
  >;
  readonly #steps = new TimeSteps();
  #from: number | undefined;
  #until = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
    const limits = policy.limits.map(({ limit }) => ({ of: limit, about: { ...limit, kind: "rate" } as const }));
    const caps = policy.bodyCaps.map((cap) => ({
      of: cap,
      about: { ...cap, kind: "body-cap", isShadow: false } as const,
    }));
    this.#limits = new Map([...limits, ...caps].map(({ of, about }, i) => [of, new LimitCount(i, about)]));
  }

  /** Where requests at an endpoint are counted: the pattern that they match, "" where there is none. */
  endpoint(pattern: string): Count {
    const known = this.#endpoints.get(pattern);
    if (known) return known;
    const count = new Count();
    this.#endpoints.set(pattern, count);
    return count;
  }

  /** Where what the limits say is counted that apply to a request. */
  limits({ applications }: Match): LimitCount[] {
    return applications.map(({ policyLimit }) => this.#limits.get(policyLimit.limit) as LimitCount);
  }

  /** Counts a request. `verdicts` are those of the decision before it was settled, one for each of `tallied.limits`. */
  note(decided: Decided, { caller, endpoint, limits }: Tallied, verdicts: readonly Verdict[]): void {
    const { time, refusedFor, refusedBy, isShadowRefused } = decided;
    this.#from ??= time;
    this.#until = time;
    this.#total.note(decided);
    endpoint.note(decided);
    this.#steps.note(time, refusedFor === undefined, isShadowRefused);
    for (let i = 0; i < verdicts.length; i++) {
      if (verdicts[i]?.admitted) limits[i]?.admit();
      else limits[i]?.deny(caller);
    }
    caller.requests++;
    if (refusedFor === undefined) {
      caller.admit(time);
      if (isShadowRefused) caller.shadowRefused++;
      return;
    }
    this.#reasons[refusedFor]++;
    if (caller.refused === 0) this.callers.noteRefused(caller);
    caller.refuse(refusedBy ?? refusedFor, time, waitEnd(decided));
  }

  /** Counts a cap that a body was held to. */
  noteCap(cap: BodyCap, caller: CallerRecord, isDenied: boolean): void {
    const count = this.#limits.get(cap) as LimitCount;
    if (!isDenied) {
      count.admit();
      return;
    }
    count.deny(caller);
    count.bind();
  }

  /** Takes note of the limit that a refusal names: its place among those that apply. */
  noteBinding({ limits }: Tallied, at: number): void {
    limits[at]?.bind();
  }

  /** All of it, with at most so many callers. */
  rehearsal(topCallers: number, log: LogReport, notes: readonly string[]): Rehearsal {
    const { requests, admitted, refused, shadowRefused } = this.#total;
    return {
      title: this.#policy.title,
      from: this.#from ?? null,
      until: this.#from === undefined ? null : this.#until,
      requests,
      admitted,
      refused,
      shadowRefused,
      reasons: { ...this.#reasons },
      limits: [...this.#limits.values()].map((count) => count.toTally()),
      callers: this.callers.top(topCallers).map((caller) => caller.toTally(this.#until)),
      callersSeen: this.callers.seen,
      callersRefused: this.callers.refused,
      endpoints: this.#endpointTallies(),
      shutOut: this.callers.shutOut(this.#until),
      timeline: this.#steps.timeline(),
      log,
      notes,
    };
  }

  #endpointTallies(): EndpointTally[] {
    return [...this.#endpoints]
      .map(([pattern, { requests, admitted, refused, shadowRefused }]) => ({
        endpoint: pattern === "" ? null : pattern,
        requests,
        admitted,
        refused,
        shadowRefused,
      }))
      .sort((a, b) => b.refused - a.refused || b.requests - a.requests);
  }
}

/** Until when a refusal shuts its caller out, in epoch ms; undefined where other requests of it would pass. */
function waitEnd({ time, refusedFor, retryAfterSeconds }: Decided): number | undefined {
  if (refusedFor !== "limited" && refusedFor !== "suspended") return undefined;
  return retryAfterSeconds === undefined ? Number.POSITIVE_INFINITY : time + retryAfterSeconds * 1000;
}

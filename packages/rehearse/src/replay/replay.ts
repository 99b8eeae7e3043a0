import { ALONE, type Decision, MemoryStore, retryAfterSeconds, type Verdict } from "@headgate/core";
import { Engine, type MeasuredBody, type Policy, RememberedCredentials, type Ruling } from "@headgate/policy";
import type { LogReport } from "../log-report.ts";
import type { LoggedRequest } from "../logged-request.ts";
import type { Rehearsal } from "../rehearsal.ts";
import { type Tallied, Tally } from "../tally/tally.ts";
import type { Decided } from "./decided.ts";
import { InFlight } from "./in-flight.ts";
import type { Callers } from "./known-caller.ts";
import { type Meeting, Meetings } from "./meetings.ts";
import { Notes } from "./notes.ts";
import { Suspensions } from "./suspensions.ts";
import { type Visit, Visitors } from "./visitors.ts";

/** Callers that a report names unless told otherwise. */
const TOP_CALLERS = 20;
const NO_BODY: MeasuredBody = { bytes: 0 };
/** Requests that are looked at together: what is read of their counters stays in the processor's first cache. */
const AHEAD = 32;
/** What a log without statuses is taken to have answered. */
const OK = 200;

/**
 * Decides the requests of a log as a gate would have: by the engine that serves, over counters of its own, on the log's
 * clock. Answers are taken to come at once.
 */
export class Replay {
  readonly #policy: Policy;
  readonly #engine: Engine;
  readonly #store: MemoryStore;
  readonly #accepted: RememberedCredentials;
  readonly #suspensions: Suspensions;
  readonly #inFlight: InFlight | undefined;
  readonly #tally: Tally;
  readonly #meetings: Meetings;
  readonly #visitors: Visitors;
  readonly #notes: Notes;
  #now = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#store = new MemoryStore({ maxPartitions: policy.maxPartitions }, ALONE);
    this.#engine = new Engine(policy, this.#store);
    this.#accepted = new RememberedCredentials(() => this.#now);
    this.#suspensions = new Suspensions(policy.suspensionRules, this.#store);
    const countsInFlight = policy.limits.some(({ limit }) => limit.algorithm === "concurrency");
    this.#inFlight = countsInFlight ? new InFlight(this.#engine) : undefined;
    this.#tally = new Tally(policy);
    this.#meetings = new Meetings(this.#engine, this.#tally, this.#accepted);
    this.#visitors = new Visitors(this.#engine, this.#tally);
    this.#notes = new Notes(policy);
  }

  /** Decides the next request. They must come in the order of their times. What is said is good until the next is taken. */
  take(request: LoggedRequest): Decided {
    this.#now = request.time;
    this.#inFlight?.release(request.time);
    this.#notes.note(request);
    const visit = this.#visitors.visit(request);
    if (visit && this.#isOrdinary(request, visit)) return this.#takeVisit(request.time, visit);
    const meeting = this.#meetings.of(request);
    return this.#refusedUnasked(request, meeting) ?? this.#ask(request, meeting);
  }

  /** Decides the next requests. What is said of one is good until `note` returns. */
  takeAll(requests: readonly LoggedRequest[], note?: (decided: Decided) => void): void {
    for (let from = 0; from < requests.length; from += AHEAD) {
      const to = Math.min(from + AHEAD, requests.length);
      this.#visitors.lookAhead(requests, from, to);
      for (let i = from; i < to; i++) {
        const decided = this.take(requests[i] as LoggedRequest);
        note?.(decided);
      }
    }
  }

  /** What has become of the requests so far. `log` is what was read of them. */
  rehearsal(log: LogReport, topCallers: number = TOP_CALLERS): Rehearsal {
    return this.#tally.rehearsal(topCallers, log, this.#notes.list());
  }

  /** A request that is refused before any limit is asked; undefined for any other. */
  #refusedUnasked({ time, bytes = 0 }: LoggedRequest, meeting: Meeting): Decided | undefined {
    const { match, known } = meeting;
    const refusal = { time, refusedBy: undefined, isShadowRefused: false, retryAfterSeconds: undefined };
    if (!match) return this.#noted({ ...refusal, refusedFor: "unreadable", decision: undefined }, meeting, []);
    const suspendedUntil = this.#suspensions.endOf(known.suspendable, time);
    const { bodyCap } = match;
    const isTooLarge = suspendedUntil === undefined && bodyCap !== undefined && bytes > bodyCap.maxBytes;
    if (bodyCap && suspendedUntil === undefined) this.#tally.noteCap(bodyCap, meeting.caller, isTooLarge);
    if (suspendedUntil === undefined && !isTooLarge) return undefined;

    const decision = this.#engine.peek(match, time) as Ruling["decision"];
    if (isTooLarge) {
      return this.#noted({ ...refusal, refusedFor: "too-large", refusedBy: bodyCap.name, decision }, meeting, []);
    }
    const waitMs = (suspendedUntil as number) - time;
    const wait = Number.isFinite(waitMs) ? Math.max(1, Math.ceil(waitMs / 1000)) : undefined;
    return this.#noted({ ...refusal, refusedFor: "suspended", decision, retryAfterSeconds: wait }, meeting, []);
  }

  #ask(request: LoggedRequest, meeting: Meeting): Decided {
    const { time, bytes } = request;
    const body = bytes === undefined ? NO_BODY : { bytes };
    const ruling = this.#engine.decide(meeting.match as Ruling["match"], body, time) as Ruling;
    const { decision } = ruling;
    if (!decision.allowed) return this.#refused(time, decision, meeting, meeting.known.suspendable);
    const settled = this.#answer(request, ruling, meeting);
    return this.#admitted(time, settled.decision, meeting, decision.verdicts);
  }

  /** Whether nothing but the limits can refuse it. */
  #isOrdinary({ time, bytes = 0 }: LoggedRequest, { zone: { bodyCap }, caller }: Visit): boolean {
    if (bodyCap !== undefined && bytes > bodyCap.maxBytes) return false;
    return this.#suspensions.isNone || this.#suspensions.endOf({ ip: caller.value }, time) === undefined;
  }

  #takeVisit(time: number, visit: Visit): Decided {
    const { caller, zone } = visit;
    if (zone.bodyCap) this.#tally.noteCap(zone.bodyCap, caller, false);
    const decision = this.#visitors.decide(visit, time);
    if (decision.allowed) return this.#admitted(time, decision, visit, decision.verdicts);
    return this.#refused(time, decision, visit, { ip: caller.value });
  }

  #admitted(time: number, decision: Decision, tallied: Tallied, verdicts: readonly Verdict[]): Decided {
    const isShadowRefused = verdicts.some(({ admitted }) => !admitted);
    return this.#noted(
      { time, refusedFor: undefined, refusedBy: undefined, isShadowRefused, decision, retryAfterSeconds: undefined },
      tallied,
      verdicts,
    );
  }

  #refused(time: number, decision: Decision, tallied: Tallied, suspendable: Callers): Decided {
    const { reason, binding, verdicts } = decision;
    const { limit } = binding as Verdict;
    const refusedFor = reason === "too-costly" ? "too-costly" : "limited";
    if (refusedFor === "limited") this.#suspensions.count(suspendable, time);
    this.#tally.noteBinding(tallied, verdicts.indexOf(binding as Verdict));
    return this.#noted(
      {
        time,
        refusedFor,
        refusedBy: limit.name,
        isShadowRefused: false,
        decision,
        retryAfterSeconds: retryAfterSeconds(decision),
      },
      tallied,
      verdicts,
    );
  }

  /** Does what a gate does when the upstream has answered. */
  #answer({ time, status = OK, durationMs = 0 }: LoggedRequest, ruling: Ruling, { known }: Meeting): Ruling {
    let settled = ruling;
    if (this.#engine.settlesByAnswer) {
      const { callers, authenticated } = known;
      const isJudged = this.#policy.credentials === "upstream";
      const credential = this.#policy.callers.credentialOf(callers);
      const outcome = {
        status,
        header: () => undefined,
        authenticated: isJudged ? this.#accepted.judge(credential, status, authenticated) : authenticated,
      };
      settled = this.#engine.settle(ruling, outcome, time) as Ruling;
    }
    if (this.#inFlight) {
      if (durationMs > 0) this.#inFlight.enter(settled, time + durationMs);
      else this.#engine.release(settled, time);
    }
    return settled;
  }

  #noted(decided: Decided, tallied: Tallied, verdicts: readonly Verdict[]): Decided {
    this.#tally.note(decided, tallied, verdicts);
    return decided;
  }
}

import type { KnownLimit } from "../reading/reading.ts";
import { backoffMs } from "../waiting/backoff.ts";
import { ALONE, type Crowd, partOf } from "./crowd.ts";
import type { Answer } from "./gate.ts";
import { isOpen, narrow, narrowOpening, type Opening, widen } from "./opening.ts";
import type { Supply } from "./supply.ts";
import { isOf, LONGEST_WAIT_MS, learn, newTally, noteRefused, noteSent, type Tally } from "./tally.ts";

/**
 * How calls are spread over a window. `smooth`: as soon as more of the quota is used than of the window has passed, evenly
 * over what is left of it; a tenth may go ahead of that, and the last tenth never does. `burst`: at once until nothing is
 * left. `false`: not at all; then only the API's word to wait holds calls up.
 */
export type Pace = "smooth" | "burst" | false;

/** While nobody knows whether calls may go, one goes this often, until an answer tells. */
const PROBE_EVERY_MS = 500;
/** How long members of a crowd let each other go first when it is time for a probe. */
const STAGGER_MS = 50;
/** How long a wait holds that no API means, for it is longer than a day: then a call goes, to see. */
const DOUBTED_HOLD_MS = 300_000;
/** Nobody is kept for longer so that calls are spread: a window of up to a minute is used evenly, a longer one as far as that allows. */
const LONGEST_SPREAD_MS = 60_000;
/** More limits than any API tells of: what goes on growing is not one. */
const MOST_TALLIES = 16;

/** What a pacer knows. Plain data, so that processes can share it. */
export interface PacerState {
  /** One for each name and quota: some APIs tell only of the limit that binds, and call each of them the same. */
  tallies: Tally[];
  lastSentAt: number;
  heldSince: number;
  heldUntil: number;
  /** Refusals in a row that did not say how long to wait. */
  silences: number;
  /** The most who waited of late, and when they did: they are to be gone in time, and so are the last of them. */
  waiting: number;
  waitedAt: number;
  opening: Opening;
}

/** Computes when calls may go from what answers have said. Knows no clock, and waits for nobody. */
export class Pacer implements Supply {
  readonly state: PacerState;
  /** Calls of this process that are in flight. */
  inFlight = 0;
  crowd: Crowd = ALONE;
  readonly pace: Pace;

  constructor(pace: Pace, state: PacerState = newState()) {
    this.pace = pace;
    this.state = state;
  }

  get heldUntil(): number {
    return this.state.heldUntil;
  }

  get knowsNothing(): boolean {
    return this.state.tallies.length === 0 && this.state.lastSentAt === 0;
  }

  /** Whether one answer may change everything. */
  get isUnsure(): boolean {
    return this.state.opening.width === 1 || this.state.tallies.some(({ isAssumed }) => isAssumed);
  }

  nextAt(now: number, waiting: number = 1): number {
    const { heldUntil, opening, tallies } = this.state;
    const stagger = this.crowd.place * STAGGER_MS;
    if (now < heldUntil + stagger) return heldUntil + stagger;
    if (!this.pace) return now;
    this.#noteWaiting(waiting, now);
    let next = isOpen(opening, this.#inFlightOfAll) ? now : this.#probeAt(stagger);
    for (const tally of tallies) {
      const at = this.#nextOf(tally, now, stagger);
      if (at > next) next = at;
    }
    return next;
  }

  turnAt(place: number, now: number): number {
    let turn = Math.max(now, this.state.heldUntil);
    if (!this.pace) return turn;
    for (const { remaining, quota, windowMs, endsAt, isAssumed, isSliding } of this.state.tallies) {
      const later = place - remaining + this.inFlight;
      if (later < 0 || now >= endsAt || isAssumed) continue;
      const windows = later / Math.max(1, quota);
      turn = Math.max(turn, isSliding ? now + windows * windowMs : endsAt + Math.floor(windows) * windowMs);
    }
    return Math.ceil(turn);
  }

  sent(now: number): void {
    this.#noteSent(this.#inFlightOfAll, now);
    this.state.lastSentAt = now;
    this.inFlight++;
  }

  /** One call of the crowd has gone, and is counted there. */
  sentByOther(now: number): void {
    this.#noteSent(this.#inFlightOfAll - 1, now);
  }

  answered(sentAt: number, answer: Answer | undefined, now: number): void {
    this.inFlight--;
    this.learn(sentAt, answer, now);
  }

  /** What {@link answered} does with the answer of a call that was not this process's. */
  learn(sentAt: number, answer: Answer | undefined, now: number): void {
    const { tallies } = this.state;
    const limits = answer?.reading.limits ?? [];
    let known = 0;
    for (let i = tallies.length - 1; i >= 0; i--) {
      const tally = tallies[i] as Tally;
      const limit = toldOf(tally, limits);
      if (limit) {
        known++;
        learn(tally, limit, sentAt, now);
      } else if (answer && isOverAt(tally, sentAt)) tallies.splice(i, 1);
      else tally.remaining--;
    }
    if (known < limits.length) this.#addTallies(limits, sentAt, now);
    if (answer) this.#heed(sentAt, answer, now);
  }

  limits(now: number): readonly KnownLimit[] {
    return this.state.tallies.map(({ name, quota, windowMs, remaining, endsAt, resetAt: toldAt }) => {
      const resetAt = Math.max(endsAt, toldAt);
      const left = now < resetAt ? { remaining, resetAt } : { remaining: quota };
      return { name, quota, ...(windowMs > 0 && { windowMs }), ...left };
    });
  }

  get #inFlightOfAll(): number {
    return this.inFlight + this.crowd.inFlight;
  }

  #probeAt(stagger: number): number {
    return Math.max(this.state.lastSentAt, this.crowd.sentAt) + PROBE_EVERY_MS + stagger;
  }

  #noteWaiting(waiting: number, now: number): void {
    const { state } = this;
    if (waiting < state.waiting && now < state.waitedAt + 2 * LONGEST_SPREAD_MS) return;
    state.waiting = waiting;
    state.waitedAt = now;
  }

  #noteSent(inFlight: number, now: number): void {
    for (const tally of this.state.tallies) noteSent(tally, inFlight, now);
  }

  #addTallies(limits: readonly KnownLimit[], sentAt: number, now: number): void {
    const { tallies } = this.state;
    for (const limit of limits) {
      const isKnown = tallies.some((tally) => isOf(tally, limit));
      if (!isKnown && tallies.length < MOST_TALLIES) tallies.push(newTally(limit, sentAt, now));
    }
  }

  #heed(sentAt: number, { reading, status }: Answer, now: number): void {
    const { state } = this;
    const isNews = sentAt >= state.heldSince;
    let waitMs = reading.retryAfterMs;
    if (waitMs === undefined && status !== 429) {
      if (!isNews) return;
      state.silences = 0;
      widen(state.opening, reading.limits.length > 0);
      return;
    }
    narrow(state.opening, isNews);
    if (waitMs === undefined) {
      // Those that were in flight together are refused together: that is one refusal.
      if (!isNews) return;
      waitMs = backoffMs(++state.silences);
    } else for (const tally of state.tallies) noteRefused(tally, now + waitMs);
    state.heldSince = now;
    state.heldUntil = Math.max(state.heldUntil, now + (waitMs > LONGEST_WAIT_MS ? DOUBTED_HOLD_MS : waitMs));
  }

  #nextOf(tally: Tally, now: number, stagger: number): number {
    const { quota, remaining, endsAt, beganAt, isAssumed } = tally;
    const { lastSentAt, waiting } = this.state;
    if (now >= endsAt && !isAssumed) return endsAt + stagger;
    const room = partOf(remaining - this.crowd.inFlight, this.crowd) - this.inFlight;
    const steadyMs = (tally.windowMs * this.crowd.size) / Math.max(1, quota);
    if (room <= 0) {
      if (isAssumed) return this.#probeAt(stagger);
      return tally.isSliding ? Math.min(Math.ceil(lastSentAt + 2 * steadyMs), endsAt) : endsAt;
    }
    if (this.pace === "burst") return now;
    const mostMs = LONGEST_SPREAD_MS / Math.min(waiting, Math.max(1, quota));
    if (tally.isSliding) return Math.ceil(lastSentAt + Math.min(steadyMs, mostMs));
    const left = endsAt - now;
    const isAhead = room * Math.max(tally.windowMs, 1) < quota * left && room * 10 <= quota * 9;
    if (!isAhead && room * 10 >= quota) return now;
    const from = Math.max(lastSentAt, beganAt);
    return Math.ceil(from + Math.min((endsAt - from) / (room + 1), mostMs));
  }
}

function newState(): PacerState {
  const times = { lastSentAt: 0, heldSince: 0, heldUntil: 0, waitedAt: 0 };
  return { tallies: [], ...times, silences: 0, waiting: 0, opening: narrowOpening() };
}

/** What is told of a limit, if anything. */
function toldOf(tally: Tally, limits: readonly KnownLimit[]): KnownLimit | undefined {
  for (const limit of limits) if (isOf(tally, limit)) return limit;
  return undefined;
}

/** Whether the window was over for a call sent then. If its answer does not speak of the limit any more, that may be gone. */
function isOverAt({ isAssumed, beganAt, endsAt }: Tally, sentAt: number): boolean {
  return sentAt >= (isAssumed ? beganAt : endsAt);
}

import type { Clock } from "../clock.ts";
import { tellListener } from "../listener.ts";
import type { KnownLimit } from "../reading/reading.ts";
import { Skew } from "../reading/skew.ts";
import { WaitTooLongError } from "../waiting/wait-too-long.ts";
import type { Answer, Gate, GateCall, Pass } from "./gate.ts";
import type { GatesOptions } from "./gates.ts";
import { Pacer } from "./pacer.ts";
import { Queue } from "./queue.ts";
import { type Origin, ReusedPass } from "./reused-pass.ts";
import type { SharedSupply } from "./shared-gate.ts";
import type { Supply } from "./supply.ts";
import { byTime, byTurn, WaitingCall } from "./waiting-call.ts";

/**
 * A gate that lets calls go as its supply says. Those of a higher priority go first, however long others have waited: what
 * must not wait for ever needs a patience, or the same priority.
 */
export class PacedGate implements Gate, Origin {
  readonly skew: Skew;
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #supply: Supply;
  readonly #shared: SharedSupply | undefined;
  /** Those that may go, as far as it is up to them. */
  readonly #ready = new Queue(byTurn);
  /** Those that may not go yet. */
  readonly #later = new Queue(byTime);
  /** Passes of calls that are over. */
  readonly #spare: ReusedPass[] = [];
  #inFlight = 0;

  constructor(key: string, { pace, concurrency, share, clock, onNotice }: GatesOptions) {
    this.skew = new Skew(clock);
    this.#clock = clock;
    this.#concurrency = concurrency;
    const alone = new Pacer(pace);
    this.#shared = share?.join(key, {
      alone,
      clock,
      wake: () => this.#lookAgain(),
      tell: (kind, reason) => tellListener(onNotice, { kind, reason }),
    });
    this.#supply = this.#shared ?? alone;
  }

  get isIdle(): boolean {
    return this.#inFlight + this.#ready.length + this.#later.length === 0;
  }

  enter(call: GateCall, now: number = this.#clock.now()): Pass | Promise<Pass> {
    if (call.signal?.aborted) return Promise.reject(call.signal.reason);
    const isFree = this.#ready.length === 0 && call.notBefore <= now && this.#inFlight < this.#concurrency;
    if (isFree && this.#supply.nextAt(now, 1) <= now) return this.#admit(now, 0, undefined);
    return this.#wait(call, now);
  }

  occupy(): () => void {
    this.#inFlight++;
    return () => {
      this.#inFlight--;
      this.#letGo(this.#clock.now(), false);
    };
  }

  limits(): readonly KnownLimit[] {
    return this.#supply.limits(this.#clock.now());
  }

  close(): void {
    this.#shared?.close();
  }

  /** A call that was let go is over. */
  arrived(pass: ReusedPass, sentAt: number, answer: Answer | undefined, now: number = this.#clock.now()): void {
    this.#spare.push(pass);
    const heldBefore = this.#supply.heldUntil;
    this.#inFlight--;
    this.#supply.answered(sentAt, answer, now);
    if (!this.#isDeserted) this.#letGo(now, this.#supply.heldUntil > heldBefore);
  }

  /** What others know may have changed everything. */
  #lookAgain(): void {
    if (!this.#isDeserted) this.#letGo(this.#clock.now(), true);
  }

  get #isDeserted(): boolean {
    return this.#ready.length + this.#later.length === 0;
  }

  #admit(now: number, waitedMs: number, reason: Pass["reason"]): Pass {
    this.#inFlight++;
    this.#supply.sent(now);
    return (this.#spare.pop() ?? new ReusedPass(this)).give(now, waitedMs, reason);
  }

  #wait(call: GateCall, now: number): Promise<Pass> {
    const isBusy = this.#inFlight >= this.#concurrency;
    const reason = now < this.#supply.heldUntil ? "held" : isBusy ? "busy" : "paced";
    const waiting = new WaitingCall(call, now, reason);
    const isLater = call.notBefore > now;
    const place = (isLater ? this.#later : this.#ready).add(waiting);
    this.#refuseIfLate(waiting, isLater ? 0 : place, now);
    this.#letGo(now, false);
    const look = (): void => {
      const woken = this.#clock.now();
      this.#letGo(woken, woken >= call.latest);
    };
    const leave = (): void => {
      this.#remove(waiting);
      this.#letGo(this.#clock.now(), false);
    };
    waiting.sleep(this.#clock, look, leave);
    return waiting.turn;
  }

  /** Lets all go that may, and has the next one wake in time. Where some may be too late by now, those are refused. */
  #letGo(now: number, mayBeLate: boolean): void {
    for (let due = this.#later.first; due && due.call.notBefore <= now; due = this.#later.first) {
      this.#later.remove(due);
      this.#ready.add(due);
    }
    let nextAt = Number.POSITIVE_INFINITY;
    for (let first = this.#ready.first; first && this.#inFlight < this.#concurrency; first = this.#ready.first) {
      nextAt = this.#supply.nextAt(now, this.#ready.length);
      if (nextAt > now) break;
      nextAt = Number.POSITIVE_INFINITY;
      this.#ready.remove(first);
      const waitedMs = now - first.since;
      first.admit(this.#admit(now, waitedMs, waitedMs > 0 ? first.reason : undefined));
    }
    if (mayBeLate) this.#refuseLate(now, nextAt);
    this.#ready.first?.wakeAt(nextAt);
  }

  #refuseLate(now: number, nextAt: number): void {
    for (const [place, waiting] of this.#ready.items().entries()) this.#refuseIfLate(waiting, place, now, nextAt);
    for (const waiting of this.#later.items()) this.#refuseIfLate(waiting, 0, now);
  }

  /**
   * Refuses a call with so many before it whose turn comes too late. What its caller is told of the wait is no less than until
   * `nextAt`, when the first may go.
   */
  #refuseIfLate(waiting: WaitingCall, place: number, now: number, nextAt: number = now): void {
    const { notBefore, latest } = waiting.call;
    const turn = Math.max(notBefore, this.#supply.turnAt(place, now));
    if (turn <= latest && now < latest) return;
    this.#remove(waiting);
    const at = Number.isFinite(nextAt) ? Math.max(turn, nextAt) : turn;
    waiting.refuse(new WaitTooLongError(Math.max(1, at - now)));
  }

  #remove(waiting: WaitingCall): void {
    this.#ready.remove(waiting);
    this.#later.remove(waiting);
  }
}

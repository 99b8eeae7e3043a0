import type { Clock } from "../clock.ts";
import type { GateCall, Pass } from "./gate.ts";

/**
 * A call that waits for its turn. It sleeps by a timer of its own, and whatever it does to that, or to its signal, it does
 * itself: on Cloudflare's workers these belong to the request that made them, so whoever lets a call go cannot touch them.
 */
export class WaitingCall {
  readonly call: GateCall;
  /** Epoch ms: since when. */
  readonly since: number;
  readonly reason: Pass["reason"];
  /** Settles when its turn has come, or will not. */
  readonly turn: Promise<Pass>;
  #resolve!: (pass: Pass) => void;
  #reject!: (reason: unknown) => void;
  #isWaiting = true;
  /** Epoch ms: when to look whether its turn has come. */
  #wakesAt: number;
  /** Ends the sleep. */
  #stir = (): void => {};

  constructor(call: GateCall, now: number, reason: Pass["reason"]) {
    const { notBefore, latest } = call;
    this.call = call;
    this.since = Math.max(now, notBefore);
    this.reason = reason;
    this.#wakesAt = notBefore > now ? Math.min(notBefore, latest) : latest;
    this.turn = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  admit(pass: Pass): void {
    this.#resolve(pass);
    this.#end();
  }

  refuse(reason: unknown): void {
    this.#reject(reason);
    this.#end();
  }

  /** Has it look then, or when its patience is over. */
  wakeAt(at: number): void {
    const wakesAt = Math.min(at, this.call.latest);
    if (wakesAt === this.#wakesAt) return;
    this.#wakesAt = wakesAt;
    this.#stir();
  }

  /** Sleeps until its turn has come, or will not. Calls `look` each time it wakes, and `leave` when its signal aborts. */
  async sleep(clock: Clock, look: () => void, leave: () => void): Promise<void> {
    const { signal, latest } = this.call;
    const abort = (): void => {
      this.refuse(signal?.reason);
      leave();
    };
    signal?.addEventListener("abort", abort, { once: true });
    while (this.#isWaiting) {
      const stirred = new Promise<void>((resolve) => {
        this.#stir = resolve;
      });
      const awake = new AbortController();
      await Promise.race([stirred, clock.sleep(this.#wakesAt - clock.now(), awake.signal)]);
      awake.abort();
      if (!this.#isWaiting || clock.now() < this.#wakesAt) continue;
      this.#wakesAt = latest;
      look();
    }
    signal?.removeEventListener("abort", abort);
  }

  #end(): void {
    this.#isWaiting = false;
    this.#stir();
  }
}

/** Higher priorities first, and each in its order. */
export function byTurn(a: WaitingCall, b: WaitingCall): number {
  return b.call.priority - a.call.priority || a.call.order - b.call.order;
}

/** Those first that may go first. */
export function byTime(a: WaitingCall, b: WaitingCall): number {
  return a.call.notBefore - b.call.notBefore || byTurn(a, b);
}

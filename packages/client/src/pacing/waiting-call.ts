import type { GateCall, Pass } from "./gate.ts";

/** A call that waits for its turn. */
export class WaitingCall {
  readonly call: GateCall;
  /** Epoch ms: since when. */
  readonly since: number;
  readonly reason: Pass["reason"];
  /** Settles when its turn has come, or will not. */
  readonly turn: Promise<Pass>;
  readonly #abort: () => void;
  #resolve!: (pass: Pass) => void;
  #reject!: (reason: unknown) => void;

  /** `leave` is called when the call's signal aborts. */
  constructor(call: GateCall, since: number, reason: Pass["reason"], leave: (waiting: WaitingCall) => void) {
    this.call = call;
    this.since = since;
    this.reason = reason;
    this.turn = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#abort = () => {
      leave(this);
      this.#reject(call.signal?.reason);
    };
    call.signal?.addEventListener("abort", this.#abort, { once: true });
  }

  admit(pass: Pass): void {
    this.#release();
    this.#resolve(pass);
  }

  refuse(reason: unknown): void {
    this.#release();
    this.#reject(reason);
  }

  #release(): void {
    this.call.signal?.removeEventListener("abort", this.#abort);
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

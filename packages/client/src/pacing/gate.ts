import type { Reading } from "../reading/reading.ts";
import type { Sending } from "../reading/skew.ts";

/** What all calls to one API with one credential go through: it says when each may be sent. */
export interface Gate {
  /**
   * Lets a call in: at once where nothing speaks against it, else when its turn has come. Rejects with the signal's
   * reason as soon as that aborts, and with `WaitTooLongError` as soon as it is known that the turn comes after `latest`.
   * `now`, epoch ms, is for who has just looked.
   */
  enter(call: GateCall, now?: number): Pass | Promise<Pass>;
  /** Takes a place among the calls in flight, until what it returns is called, once. */
  occupy(): () => void;
  /** What is known of the API's limits. */
  limits(): Reading["limits"];
}

/** A call that wants to be sent. */
export interface GateCall {
  /** Higher goes first. */
  readonly priority: number;
  /** Where it stands among those of its priority: a call that is tried again keeps its place. */
  readonly order: number;
  /** Epoch ms: not before. */
  readonly notBefore: number;
  /** Epoch ms: not after, for that is longer than the caller is willing to wait. */
  readonly latest: number;
  readonly signal: AbortSignal | undefined;
}

/** The permission to send one call, once. */
export interface Pass extends Sending {
  /** How long the call was kept, ms. */
  readonly waitedMs: number;
  /** Why: `paced` to spread calls, `held` since the API told to wait, `busy` since enough calls are in flight. */
  readonly reason: "paced" | "held" | "busy" | undefined;
  /** Settles with what the call makes of its answer, or of that there is none. The call leaves before that. */
  follow(answer: Promise<Response>, call: Sent): Promise<Response>;
  /** To be called once, when the answer is there, with what it says; or with nothing if none came. */
  leave(answer?: Answer, now?: number): void;
}

/** What came back. */
export interface Answer {
  readonly reading: Reading;
  readonly status: number;
}

/** A call that was sent, and is told what came of it. */
export interface Sent {
  answered(pass: Pass, response: Response): Response | Promise<Response>;
  failed(pass: Pass, error: unknown): Response | Promise<Response>;
}

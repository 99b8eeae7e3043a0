import { HeadgateError } from "@headgate/core";
import { abortable } from "./cache/abortable.ts";
import type { Destination } from "./destination.ts";
import { type FetchInput, isRequest, signalOf } from "./fetch.ts";
import { type Decided, tell } from "./notice.ts";
import type { CallOptions } from "./options.ts";
import type { GateCall, Pass, Sent } from "./pacing/gate.ts";
import { occupying } from "./pacing/occupied.ts";
import { untilViolatedReset } from "./reading/problem.ts";
import { read } from "./reading/read.ts";
import type { Reading } from "./reading/reading.ts";
import { type CallSettings, type ObeySettings, toCallSettings } from "./settings.ts";
import { backoffMs } from "./waiting/backoff.ts";
import { jittered } from "./waiting/jitter.ts";
import { jsonOf } from "./waiting/refusal-body.ts";
import { isIdempotent, isMalformed, isOwnFault, isReplayable } from "./waiting/repeatable.ts";
import { WaitTooLongError } from "./waiting/wait-too-long.ts";

/** The init of a fetch, with what the call may ask for itself. */
export type CallInit = RequestInit & { readonly obey?: CallOptions };

/**
 * One call, from when it is asked for until it is answered or given up: through the gate, sent, and again if need be. One
 * that went well is used again for another, for what it is made of would be most of what a call allocates.
 */
export class Call implements GateCall, Sent {
  order = 0;
  signal: AbortSignal | undefined;
  readonly #spare: Call[];
  #settings!: CallSettings;
  #destination!: Destination;
  /** What the next attempt sends. */
  #input: FetchInput = "";
  #init: CallInit | undefined;
  /** Epoch ms. */
  #askedAt = 0;
  #attempt = 0;
  #retry: Retry | undefined;

  /** Calls that went well go to the spare ones. */
  constructor(spare: Call[]) {
    this.#spare = spare;
  }

  /** Settles as the call does. Throws what `toCallSettings` does. */
  run(
    settings: ObeySettings,
    destination: Destination,
    order: number,
    input: FetchInput,
    init: CallInit | undefined,
  ): Promise<Response> {
    this.#settings = toCallSettings(settings, init?.obey);
    this.#destination = destination;
    this.order = order;
    this.signal = signalOf(input, init);
    this.#input = input;
    this.#init = init;
    this.#askedAt = this.#settings.clock.now();
    this.#attempt = 0;
    this.#retry = undefined;
    return this.#enter(this.#askedAt);
  }

  get priority(): number {
    return this.#settings.priority ?? 0;
  }

  get notBefore(): number {
    return this.#retry?.notBefore ?? 0;
  }

  get latest(): number {
    const since = this.#retry?.since ?? this.#askedAt;
    return Math.min(this.#deadline, Math.max(this.notBefore, since + this.#settings.patienceMs));
  }

  #enter(now: number): Promise<Response> {
    const pass = this.#destination.gate.enter(this, now);
    if (!(pass instanceof Promise)) return this.#send(pass);
    return pass.then(
      (given) => this.#send(given),
      (error) => {
        if (error instanceof WaitTooLongError) this.#giveUp("the wait is too long", error.waitMs);
        throw error;
      },
    );
  }

  #send(pass: Pass): Promise<Response> {
    const attempt = ++this.#attempt;
    if (this.#retry) this.#tell({ kind: "retried", attempt, reason: this.#retry.reason });
    else if (pass.reason) this.#tell({ kind: "paced", waitMs: pass.waitedMs, reason: pass.reason });
    // Not as a method, for a browser's fetch is nobody's but the window's.
    const { fetch } = this.#settings;
    let answer: Promise<Response>;
    try {
      answer = fetch(this.#takeInput(), this.#init);
    } catch (error) {
      // A body that was used up before, say. A network does not fail so soon.
      pass.leave();
      return Promise.reject(error);
    }
    return pass.follow(answer, this);
  }

  /** A request is used up by being sent if it has a body, so a copy is kept. GET and HEAD have none. */
  #takeInput(): FetchInput {
    const input = this.#input;
    const isUsedUp = isRequest(input) && input.method !== "GET" && input.method !== "HEAD" && !this.#init?.body;
    if (isUsedUp && this.#attempt < this.#settings.attempts) this.#input = input.clone();
    return input;
  }

  answered(pass: Pass, response: Response): Response | Promise<Response> {
    const { status, headers } = response;
    const now = this.#settings.clock.now();
    const reading = read(headers, status, now, this.#settings.dialect, pass);
    const { retryAfterMs } = reading;
    // Lengthened once, for the gate and the call alike: so this is the first again of all who are held.
    const heldMs = retryAfterMs && jittered(retryAfterMs, now);
    // A date that has passed on the way says no wait any more, but says that it is worth coming again.
    const isToComeAgain = status === 503 && (retryAfterMs !== undefined || headers.has("retry-after"));
    const isRefused = status === 429 || isToComeAgain;
    const keepsPlace = this.#settings.countsBodies && !isRefused;
    const given = keepsPlace ? occupying(response, this.#destination.gate) : response;
    pass.leave({ reading: heldMs ? { ...reading, retryAfterMs: heldMs } : reading, status }, now);
    if (isRefused) return this.#refused(response, reading, heldMs, now);
    if (status < 500) this.#destination.budget.earn();
    // Nobody has this any more. What it was given may be large.
    this.#input = "";
    this.#init = this.signal = undefined;
    if (this.#spare.length < this.#settings.concurrency) this.#spare.push(this);
    return given;
  }

  async #refused(response: Response, reading: Reading, heldMs: number | undefined, at: number): Promise<Response> {
    const { status } = response;
    const { clock } = this.#settings;
    const body = await jsonOf(response, clock);
    const toldMs = reading.retryAfterMs ?? untilViolatedReset(reading, body, at);
    const isRate = status === 429;
    if (isRate && (await this.#isSpent(response, body))) return this.#giveUp("the quota is spent") ?? response;
    const reason = `${status}, ${toldMs === undefined ? "nothing said" : "told to wait"}`;
    return this.#again({ at, reason, toldMs, heldMs, mayBeDone: !isRate, response }) ?? response;
  }

  #isSpent(response: Response, body: unknown): boolean | Promise<boolean> {
    const isSpent = this.#settings.isSpent(response, body);
    return this.signal && typeof isSpent !== "boolean" ? abortable(isSpent, this.signal) : isSpent;
  }

  failed(pass: Pass, error: unknown): Promise<Response> {
    const at = this.#settings.clock.now();
    pass.leave(undefined, at);
    const isGivenUp = this.signal?.aborted || error instanceof HeadgateError;
    const isFinal = isGivenUp || isOwnFault(error) || isMalformed(this.#input, this.#init);
    const again = isFinal ? undefined : this.#again({ at, reason: "network failure", mayBeDone: true });
    if (!again) throw error;
    return again;
  }

  /** Sends the call again after a wait. Where something speaks against that, tells what, and does nothing. */
  #again(failure: Failure): Promise<Response> | undefined {
    const { at, reason, toldMs, heldMs, response } = failure;
    const obstacle = this.#obstacleTo(failure);
    if (obstacle) return this.#giveUp(obstacle);
    const waitMs = toldMs ?? backoffMs(this.#attempt, this.#settings.backoff);
    if (waitMs > Math.min(this.#settings.patienceMs, this.#deadline - at)) {
      this.#giveUp("the wait is too long", waitMs);
      if (response) throw new WaitTooLongError(waitMs, response);
      return undefined;
    }
    // An API that says when asks for the retry. One that does not may be in trouble.
    if (toldMs === undefined && !this.#destination.budget.spend()) return this.#giveUp("the retry budget is spent");
    response?.body?.cancel().catch(() => {});
    const laterMs = heldMs ?? (toldMs === undefined ? waitMs : jittered(waitMs, at));
    const notBefore = Math.min(this.#deadline, at + laterMs);
    this.#retry = { reason, since: at, notBefore };
    this.#tell({ kind: "waiting", waitMs: notBefore - at, attempt: this.#attempt, reason });
    return this.#enter(this.#settings.clock.now());
  }

  #obstacleTo({ mayBeDone }: Failure): string | undefined {
    if (this.#attempt >= this.#settings.attempts) return "the attempts are used up";
    if (!isReplayable(this.#init?.body)) return "its body cannot be sent again";
    if (mayBeDone && !isIdempotent(this.#input, this.#init)) return "it is not safe to repeat";
    return undefined;
  }

  #giveUp(reason: string, waitMs?: number): undefined {
    this.#tell({ kind: "gave-up", attempt: this.#attempt, reason, ...(waitMs !== undefined && { waitMs }) });
  }

  #tell(decided: Decided): void {
    tell(this.#settings.onNotice, this.#input, this.#init, decided);
  }

  /** Epoch ms. */
  get #deadline(): number {
    return this.#askedAt + this.#settings.deadlineMs;
  }
}

/** Why a call has to be sent again. */
interface Failure {
  /** Epoch ms: what was told counts from here. */
  readonly at: number;
  readonly reason: string;
  readonly toldMs?: number | undefined;
  /** How long the gate holds everybody for it. */
  readonly heldMs?: number | undefined;
  /** Whether it may have been carried out all the same. Not where it was refused as one too many. */
  readonly mayBeDone: boolean;
  readonly response?: Response;
}

/** That a call is sent again: why, since when that is known, and when it may be. Epoch ms. */
interface Retry {
  readonly reason: string;
  readonly since: number;
  readonly notBefore: number;
}

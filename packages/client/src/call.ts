import { HeadgateError } from "@headgate/core";
import type { Destination } from "./destination.ts";
import { type Fetch, type FetchInput, isRequest, signalOf } from "./fetch.ts";
import { type Decided, tell } from "./notice.ts";
import type { CallOptions } from "./options.ts";
import type { GateCall, Pass } from "./pacing/gate.ts";
import { untilViolatedReset } from "./reading/problem.ts";
import { read } from "./reading/read.ts";
import type { Reading } from "./reading/reading.ts";
import { checkNumbers, type ObeySettings } from "./settings.ts";
import { backoffMs } from "./waiting/backoff.ts";
import { jittered } from "./waiting/jitter.ts";
import { jsonOf } from "./waiting/refusal-body.ts";
import { isIdempotent, isMalformed, isOwnFault, isReplayable } from "./waiting/repeatable.ts";
import { WaitTooLongError } from "./waiting/wait-too-long.ts";

/** The init of a fetch, with what the call may ask for itself. */
export type CallInit = RequestInit & { readonly obey?: CallOptions };

/** One call, from when it is asked for until it is answered or given up: through the gate, sent, and again if need be. */
export class Call implements GateCall {
  readonly order: number;
  readonly signal: AbortSignal | undefined;
  notBefore = 0;
  latest: number;
  readonly #fetch: Fetch;
  readonly #settings: ObeySettings;
  readonly #destination: Destination;
  readonly #input: FetchInput;
  readonly #init: CallInit | undefined;
  readonly #deadline: number;
  #attempt = 0;
  /** Why it is sent again. */
  #reason = "";
  /** What the next attempt sends, where sending uses the input up. */
  #spare: Request | undefined;

  constructor(
    fetch: Fetch,
    settings: ObeySettings,
    destination: Destination,
    order: number,
    input: FetchInput,
    init: CallInit | undefined,
  ) {
    this.#fetch = fetch;
    this.#settings = settings;
    this.#destination = destination;
    this.order = order;
    this.#input = input;
    this.#init = init;
    this.signal = signalOf(input, init);
    if (init?.obey) checkNumbers(init.obey);
    const now = settings.clock.now();
    this.#deadline = now + (init?.obey?.deadlineMs ?? settings.deadlineMs);
    this.latest = Math.min(this.#deadline, now + this.#patienceMs);
  }

  get priority(): number {
    return this.#init?.obey?.priority ?? 0;
  }

  /** Enters the gate, and settles as the call does. */
  run(): Promise<Response> {
    const pass = this.#destination.gate.enter(this);
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
    if (attempt > 1) this.#tell({ kind: "retried", attempt, reason: this.#reason });
    else if (pass.reason) this.#tell({ kind: "paced", waitMs: pass.waitedMs, reason: pass.reason });
    // Not as a method, for a browser's fetch is nobody's but the window's.
    const fetch = this.#fetch;
    let answer: Promise<Response>;
    try {
      answer = fetch(this.#takeInput(), this.#init);
    } catch (error) {
      // A body that was used up before, say. A network does not fail so soon.
      pass.leave();
      return Promise.reject(error);
    }
    return answer.then(
      (response) => this.#answered(pass, response),
      (error) => this.#failed(pass, error),
    );
  }

  /** A request is used up by being sent if it has a body, so a copy is kept. GET and HEAD have none. */
  #takeInput(): FetchInput {
    const input = this.#spare ?? this.#input;
    const isUsedUp = isRequest(input) && input.method !== "GET" && input.method !== "HEAD" && !this.#init?.body;
    this.#spare = isUsedUp && this.#attempt < this.#attempts ? input.clone() : undefined;
    return input;
  }

  #answered(pass: Pass, response: Response): Response | Promise<Response> {
    const { status } = response;
    const now = this.#settings.clock.now();
    const reading = read(response.headers, status, now, this.#settings.dialect);
    pass.leave({ reading, status });
    // A date that has passed on the way says no wait any more, but says that it is worth coming again.
    const isToComeAgain = reading.retryAfterMs !== undefined || response.headers.has("retry-after");
    if (status === 429 || (status === 503 && isToComeAgain)) return this.#refused(response, reading, now);
    if (status < 500) this.#destination.budget.earn();
    return response;
  }

  async #refused(response: Response, reading: Reading, at: number): Promise<Response> {
    const { status } = response;
    const { isSpent, clock } = this.#settings;
    const body = await jsonOf(response, clock);
    const toldMs = reading.retryAfterMs ?? untilViolatedReset(reading, body, at);
    const isRate = status === 429;
    if (isRate && (await isSpent(response, body))) return this.#giveUp("the quota is spent") ?? response;
    const reason = `${status}, ${toldMs === undefined ? "nothing said" : "told to wait"}`;
    return this.#again({ at, reason, toldMs, mayBeDone: !isRate, response }) ?? response;
  }

  #failed(pass: Pass, error: unknown): Promise<Response> {
    pass.leave();
    const isGivenUp = this.signal?.aborted || error instanceof HeadgateError;
    const isFinal = isGivenUp || isOwnFault(error) || isMalformed(this.#input, this.#init);
    const at = this.#settings.clock.now();
    const again = isFinal ? undefined : this.#again({ at, reason: "network failure", mayBeDone: true });
    if (!again) throw error;
    return again;
  }

  /** Sends the call again after a wait. Where something speaks against that, tells what, and does nothing. */
  #again(failure: Failure): Promise<Response> | undefined {
    const { at, toldMs, response } = failure;
    const obstacle = this.#obstacleTo(failure);
    if (obstacle) return this.#giveUp(obstacle);
    const waitMs = toldMs ?? backoffMs(this.#attempt, this.#settings.backoff);
    if (waitMs > Math.min(this.#patienceMs, this.#deadline - at)) {
      this.#giveUp("the wait is too long", waitMs);
      if (response) throw new WaitTooLongError(waitMs, response);
      return undefined;
    }
    // An API that says when asks for the retry. One that does not may be in trouble.
    if (toldMs === undefined && !this.#destination.budget.spend()) return this.#giveUp("the retry budget is spent");
    response?.body?.cancel().catch(() => {});
    this.notBefore = Math.min(this.#deadline, at + (toldMs === undefined ? waitMs : jittered(waitMs, at)));
    this.latest = Math.min(this.#deadline, Math.max(this.notBefore, at + this.#patienceMs));
    this.#reason = failure.reason;
    this.#tell({ kind: "waiting", waitMs: this.notBefore - at, attempt: this.#attempt, reason: this.#reason });
    return this.run();
  }

  #obstacleTo({ mayBeDone }: Failure): string | undefined {
    if (this.#attempt >= this.#attempts) return "the attempts are used up";
    if (!this.#spare && !isReplayable(this.#init?.body)) return "its body cannot be sent again";
    if (mayBeDone && !isIdempotent(this.#input, this.#init)) return "it is not safe to repeat";
    return undefined;
  }

  #giveUp(reason: string, waitMs?: number): undefined {
    this.#tell({ kind: "gave-up", attempt: this.#attempt, reason, ...(waitMs !== undefined && { waitMs }) });
  }

  #tell(decided: Decided): void {
    tell(this.#settings.onNotice, this.#input, this.#init, decided);
  }

  get #patienceMs(): number {
    return this.#init?.obey?.patienceMs ?? this.#settings.patienceMs;
  }

  get #attempts(): number {
    return this.#init?.obey?.attempts ?? this.#settings.attempts;
  }
}

/** Why a call has to be sent again. */
interface Failure {
  /** Epoch ms: what was told counts from here. */
  readonly at: number;
  readonly reason: string;
  readonly toldMs?: number | undefined;
  /** Whether it may have been carried out all the same. Not where it was refused as one too many. */
  readonly mayBeDone: boolean;
  readonly response?: Response;
}

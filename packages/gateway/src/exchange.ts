import type { IncomingMessage, ServerResponse } from "node:http";
import { type Awaitable, type HeaderPair, renderHeaders } from "@headgate/core";
import type { Match, RequestTarget, Ruling } from "@headgate/policy";
import type { UpstreamHeaders } from "./client-headers.ts";
import type { KnownCaller } from "./credentials.ts";
import type { RequestOutcome } from "./decision-counts.ts";
import { answerOf } from "./gateway-answers.ts";
import { stackOf } from "./gateway-log.ts";
import { outcomeOf } from "./outcome.ts";
import { waitingBytes } from "./pipeline.ts";
import { endResponse } from "./response-end.ts";
import type { Site } from "./site.ts";
import { endBeforeBody } from "./unread-body.ts";

/** One request and its answer: what is known of it so far, and what is to be given back when it ends, however it ends. */
export class Exchange {
  readonly site: Site;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: RequestTarget;
  /** Who is calling; undefined until that is known. */
  caller: KnownCaller | undefined;
  /** Which limits apply; undefined until the caller is known. */
  match: Match | undefined;
  /** What becomes of it; undefined where nobody has decided, or it was answered for another reason. */
  outcome: RequestOutcome | undefined;
  /** The client waits for a `100 Continue` before it sends its body. */
  awaitsContinue = false;
  /** What came after the head of a request to switch protocols; undefined for any other request. */
  upgradeHead: Buffer | undefined;
  /** What goes on upstream, to be stopped when the client has gone. */
  relay: Abandonable | undefined;
  #ruling: Ruling | undefined;
  readonly #isPipelined: boolean;
  #isSettled = false;
  #hasPassed = false;
  #isOver = false;
  #heldBytes = 0;

  constructor(site: Site, request: IncomingMessage, response: ServerResponse, target: RequestTarget) {
    this.site = site;
    this.request = request;
    this.response = response;
    this.target = target;
    site.upstream.enter();
    response.on("close", this.end).on("error", ignore);
    // A response that waits behind others on a pipelined connection is not told when that closes.
    this.#isPipelined = !response.socket;
    if (this.#isPipelined) request.socket.setMaxListeners(0).on("close", this.end);
  }

  get isUpgrade(): boolean {
    return this.upgradeHead !== undefined;
  }

  /** Whether nobody waits for the answer any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get now(): number {
    return this.site.surroundings.clock();
  }

  /** What was decided, and is to be advertised. */
  get ruling(): Ruling | undefined {
    return this.#ruling;
  }

  set ruling(ruling: Ruling | undefined) {
    this.#ruling = ruling;
    if (this.#isOver) this.#release();
  }

  /**
   * Goes on with a value at once where it is there, later where it is promised; if the exchange is over by then, not at
   * all, or with `letGo`, for a value that holds something.
   */
  when<Value>(value: Awaitable<Value>, next: (value: Value) => void, letGo?: (value: Value) => void): void {
    if (value instanceof Promise) {
      value.then((known) => (this.#isOver ? letGo?.(known) : next(known))).catch((error: unknown) => this.crash(error));
    } else {
      next(value);
    }
  }

  /** Runs a step that starts outside the request's own event, where nobody else would catch what it throws. */
  attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.crash(error);
    }
  }

  /**
   * Puts the charge right by the answer, once; `status` is what the client gets, `upstreamStatus` what the upstream said.
   * A promise only where the store is across a network.
   */
  settle(status: number, headers: UpstreamHeaders, upstreamStatus: number = status): Promise<void> | undefined {
    const ruling = this.#ruling;
    if (!ruling || this.#isSettled || !this.site.engine.settlesByAnswer) return undefined;
    this.#isSettled = true;
    const outcome = outcomeOf(this, status, headers, upstreamStatus);
    const settled = this.site.engine.settle(ruling, outcome, this.now);
    if (settled instanceof Promise) {
      return settled.then((known) => {
        this.ruling = known;
      });
    }
    this.ruling = settled;
    return undefined;
  }

  /** The rate-limit headers that the answer to a decided request carries. */
  rateLimitHeaders(): readonly HeaderPair[] {
    const { responses } = this.site.policy;
    const ruling = this.#ruling;
    return ruling ? renderHeaders(ruling.decision, responses.headers, this.now, ruling.decidedAt) : [];
  }

  /** It goes on to the upstream, and waits for it until it ends. */
  pass(): void {
    this.#hasPassed = true;
    this.site.upstream.pass();
  }

  /** Whether so much more of the body may be held until the exchange is over. */
  hold(bytes: number): boolean {
    if (this.#isOver || !this.site.surroundings.bodyBudget.take(this.#holder, bytes)) return false;
    this.#heldBytes += bytes;
    return true;
  }

  /** Tells a client that awaits it that its body is wanted. */
  continue(): void {
    if (!this.awaitsContinue) return;
    this.awaitsContinue = false;
    this.response.writeContinue();
  }

  writeHead(status: number, headers: string[]): ServerResponse {
    // A client that was not told to continue may or may not send its body: only closing makes that clear.
    if (this.site.surroundings.isDraining || this.awaitsContinue) this.response.shouldKeepAlive = false;
    return this.response.writeHead(status, headers);
  }

  /** Ends the answer, with its whole body or the last of it, and lets what the client still sends run out. */
  finish(body?: string | Buffer, encoding?: BufferEncoding): void {
    const { request, response, site } = this;
    const { bodyIdleTimeoutMs, maxPipelinedBytes } = site.surroundings.limits;
    if (this.isUpgrade) endResponse(response, bodyIdleTimeoutMs, body, encoding);
    else endBeforeBody(request, response, bodyIdleTimeoutMs, body, encoding);
    // An answer that comes in parts waits with its upstream; those that come whole would all lie here.
    if (this.#isPipelined && waitingBytes(request.socket) > maxPipelinedBytes) request.socket.destroy();
  }

  /** Closes the connection amid an answer that cannot be completed: the client must see that it is cut off. */
  cutOff(): void {
    this.response.destroy();
    // Where others are answered first, a response that is destroyed closes the connection when its turn comes.
    if (!this.#isPipelined) this.request.socket.destroy();
  }

  /** Answers for a fault of the gateway's own. */
  crash(error: unknown): void {
    this.site.surroundings.log.error("request-failed", { path: this.target.path, error: stackOf(error) });
    const { status, headers, body } = answerOf("HG_GATEWAY_FAILED");
    if (this.response.headersSent) {
      this.cutOff();
    } else {
      this.writeHead(status, [...headers]);
      this.finish(body);
    }
  }

  /** Gives back what the request held. Once, when its answer or its connection has ended. */
  readonly end = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isPipelined) this.request.socket.off("close", this.end);
    this.relay?.abandon();
    this.#release();
    if (this.#heldBytes > 0) this.site.surroundings.bodyBudget.giveBack(this.#holder, this.#heldBytes);
    this.site.upstream.leave(this.#hasPassed);
    if (this.outcome !== undefined) this.site.surroundings.tally.noteRequest(this.outcome);
  };

  /** Whose share of what may be held a body is taken from: the client's address, as limits count it. */
  get #holder(): string {
    return this.caller?.callers.ip ?? "";
  }

  #release(): void {
    if (this.#ruling && this.site.countsInFlight) this.site.engine.release(this.#ruling, this.now);
  }
}

/** Something that can be stopped because nobody waits for it any more. */
interface Abandonable {
  abandon(): void;
}

function ignore(): void {}

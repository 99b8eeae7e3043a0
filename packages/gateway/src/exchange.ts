import type { IncomingMessage, ServerResponse } from "node:http";
import { type Awaitable, type Decision, type HeaderPair, renderHeaders } from "@headgate/core";
import { type BodyCap, type Match, type Outcome, type Refusal, type Ruling, renderRefusal } from "@headgate/policy";
import { pushPairs } from "./client-headers.ts";
import { type AnswerCode, answerOf } from "./gateway-answers.ts";
import type { RequestTarget } from "./request-target.ts";
import type { Site } from "./site.ts";
import { discardRest } from "./unread-body.ts";

/**
 * One request and its answer: what is known of it so far, the ways to answer it here, and what is to be given back when
 * it ends, however it ends.
 */
export class Exchange {
  readonly site: Site;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: RequestTarget;
  /** Which limits apply; undefined until the caller is known. */
  match: Match | undefined;
  /** The client waits for a `100 Continue` before it sends its body. */
  awaitsContinue = false;
  /** What came after the head of a request to switch protocols; undefined for any other request. */
  upgradeHead: Buffer | undefined;
  /** What goes on upstream, to be stopped when the client has gone. */
  relay: Abandonable | undefined;
  #ruling: Ruling | undefined;
  readonly #isPipelined: boolean;
  #isSettled = false;
  #isOver = false;

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

  /** Goes on with a value at once where it is there, later where it is promised, and not at all if the exchange is over. */
  when<Value>(value: Awaitable<Value>, next: (value: Value) => void): void {
    if (value instanceof Promise) {
      value.then((known) => this.#isOver || next(known)).catch((error: unknown) => this.crash(error));
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

  /** Puts the charge right by the answer, once. A promise only where the store is across a network. */
  settle(outcome: Outcome): Promise<void> | undefined {
    if (this.#isSettled) return undefined;
    this.#isSettled = true;
    const settled = this.site.engine.settle(this.#ruling as Ruling, outcome, this.now);
    if (settled instanceof Promise) {
      return settled.then((ruling) => {
        this.ruling = ruling;
      });
    }
    this.#ruling = settled;
    return undefined;
  }

  /** The rate-limit headers that the answer to a decided request carries. */
  rateLimitHeaders(): readonly HeaderPair[] {
    const { responses } = this.site.policy;
    return this.#ruling ? renderHeaders(this.#ruling.decision, responses.headers, this.now) : [];
  }

  /** Tells a client that awaits it that its body is wanted. */
  continue(): void {
    if (!this.awaitsContinue) return;
    this.awaitsContinue = false;
    this.response.writeContinue();
  }

  writeHead(status: number, headers: string[]): void {
    // A client that was not told to continue may or may not send its body: only closing makes that clear.
    if (this.site.surroundings.isDraining || this.awaitsContinue) this.response.shouldKeepAlive = false;
    this.response.writeHead(status, headers);
  }

  /** Answers with one of the gateway's own problems. */
  answer(code: AnswerCode): void {
    const { status, headers, body } = answerOf(code);
    if (code === "HG_REQUEST_TIMEOUT") this.response.shouldKeepAlive = false;
    this.#send(status, [...headers], body);
  }

  /** Refuses by decision: 429 or, where waiting cannot help, 413. */
  refuse(decision: Decision): void {
    const kind = decision.reason === "too-costly" ? "too-large" : "limited";
    this.#sendRefusal(renderRefusal(this.site.policy, kind, { decision, now: this.now }));
  }

  /** Refuses a body that is larger than a cap, and takes back what was charged for the request. */
  refuseBody(cap: BodyCap): void {
    if (this.#ruling) this.site.engine.cancel(this.#ruling, this.now);
    this.#ruling = undefined;
    this.#sendRefusal(renderRefusal(this.site.policy, "too-large", { cap }));
  }

  /** Lets what the client still sends run out, when it has its answer. */
  discardRest(): void {
    if (!this.isUpgrade) discardRest(this.request);
  }

  /** Closes the connection amid an answer that cannot be completed: the client must see that it is cut off. */
  cutOff(): void {
    this.response.destroy();
    this.request.socket.destroy();
  }

  /** Answers for a fault of the gateway's own. */
  crash(error: unknown): void {
    this.site.surroundings.log.error("request failed", { path: this.target.path, error: String(error) });
    const { status, headers, body } = answerOf("HG_GATEWAY_FAILED");
    if (this.response.headersSent) this.cutOff();
    else this.response.writeHead(status, [...headers]).end(body);
  }

  /** Gives back what the request held. Once, when its answer or its connection has ended. */
  readonly end = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isPipelined) this.request.socket.off("close", this.end);
    this.relay?.abandon();
    this.#release();
    this.site.upstream.leave();
  };

  #release(): void {
    if (this.#ruling && this.site.countsInFlight) this.site.engine.release(this.#ruling, this.now);
  }

  #sendRefusal({ status, headers, body }: Refusal): void {
    const flat: string[] = [];
    pushPairs(flat, headers);
    flat.push("Content-Length", String(Buffer.byteLength(body)));
    this.#send(status, flat, body);
  }

  /** Sends an answer made here, with the rate-limit headers that every answer carries. */
  #send(status: number, headers: string[], body: string): void {
    this.when(this.#decisionToShow(), (decision) => {
      if (decision) pushPairs(headers, renderHeaders(decision, this.site.policy.responses.headers, this.now));
      this.writeHead(status, headers);
      this.response.end(body);
      this.discardRest();
    });
  }

  #decisionToShow(): Awaitable<Decision | undefined> {
    if (this.#ruling) return this.#ruling.decision;
    return this.match && this.site.engine.peek(this.match, this.now);
  }
}

/** Something that can be stopped because nobody waits for it any more. */
interface Abandonable {
  abandon(): void;
}

function ignore(): void {}

import type { Duplex } from "node:stream";
import type { Dispatcher } from "undici";
import type { UpstreamHeaders } from "./client-headers.ts";
import type { Exchange } from "./exchange.ts";
import type { HttpUpstream, UpstreamRequest } from "./http-upstream.ts";
import { answerSettled, refuseBody } from "./local-answer.ts";
import { isToldByAnswer, OwedCost } from "./owed-cost.ts";
import { Reply } from "./reply.ts";
import { type BodyFault, hasBody, RequestBody } from "./request-body.ts";
import { openTunnel } from "./tunnel.ts";
import { codeOf, faultCodeOf, isStaleConnection } from "./upstream-fault.ts";
import { toUpstreamHeaders } from "./upstream-headers.ts";

/** Sends an admitted request on, with the body that was read already or else the one that is still to come. */
export function forward(exchange: Exchange, upstream: HttpUpstream, bodyRead: Buffer | undefined): void {
  new Relay(exchange, upstream, bodyRead).start();
}

/**
 * One request's way to the upstream, until it answers or fails. Handles undici's events itself: no promise, and no stream
 * but the one that a request's body needs.
 */
class Relay implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #upstream: HttpUpstream;
  readonly #request: UpstreamRequest;
  #controller: Dispatcher.DispatchController | undefined;
  #reply: Reply | undefined;
  #hasAnswerBegun = false;
  #hasRetried = false;
  /** The upstream has nothing more to say. */
  #isDone = false;
  /** Nobody waits for what it says. */
  #isAbandoned = false;
  /** Abandoned, and still to be paid for. */
  #owedCost: OwedCost | undefined;

  constructor(exchange: Exchange, upstream: HttpUpstream, bodyRead: Buffer | undefined) {
    this.#exchange = exchange;
    this.#upstream = upstream;
    const { request, target, site, caller } = exchange;
    const address = request.socket.remoteAddress ?? "";
    const peer = { address, isTrusted: site.policy.callers.trusts(address) };
    this.#request = {
      method: request.method as string,
      pathAndQuery: target.pathAndQuery,
      headers: toUpstreamHeaders(request, target.authority, peer, caller?.identity),
      body: bodyRead ?? (hasBody(request) ? this.#bodyToCome() : null),
      upgrade: exchange.isUpgrade ? request.headers.upgrade : undefined,
    };
  }

  start(): void {
    this.#exchange.relay = this;
    this.#exchange.continue();
    this.#upstream.dispatch(this.#request, this);
  }

  /** Stops: nobody waits for the answer any more. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#reply?.stop();
    if (this.#isDone) return;
    const owesCost = this.#owesCost();
    if (owesCost && !this.#reply) {
      this.#owedCost = new OwedCost(this.#exchange, this.#upstream);
      return;
    }
    if (owesCost) this.#reply?.settle();
    this.#controller?.abort(ABANDONED);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isAbandoned) controller.abort(ABANDONED);
  }

  onResponseStarted(): void {
    this.#hasAnswerBegun = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: UpstreamHeaders): void {
    // Interim answers are not passed on.
    if (status < 200) return;
    if (this.#isAbandoned) {
      this.#owedCost?.settle(status, headers);
      controller.abort(ABANDONED);
      return;
    }
    this.#reply = new Reply(this.#exchange, controller, status, headers);
    this.#reply.start();
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#reply?.take(chunk);
  }

  onResponseEnd(): void {
    this.#isDone = true;
    this.#owedCost?.close();
    this.#reply?.complete();
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#isAbandoned || this.#exchange.request.socket.destroyed) {
      this.#isDone = true;
      this.#owedCost?.close();
    } else if (this.#mayRetry(error)) {
      this.#hasRetried = true;
      this.#controller = undefined;
      this.#upstream.dispatchFresh(this.#request, this);
    } else {
      this.#isDone = true;
      this.#fail(error);
    }
  }

  onRequestUpgrade(_: Dispatcher.DispatchController, status: number, headers: UpstreamHeaders, upstream: Duplex): void {
    this.#isDone = true;
    this.#owedCost?.settle(status, headers);
    this.#owedCost?.close();
    openTunnel(this.#exchange, status, headers, upstream);
  }

  /** Whether the upstream has been asked, its client has left, and only the answer's head tells what that costs. */
  #owesCost(): boolean {
    const { isOver, match } = this.#exchange;
    return isOver && this.#controller !== undefined && match !== undefined && isToldByAnswer(match);
  }

  #bodyToCome(): RequestBody {
    const { match, site, request } = this.#exchange;
    const limits = {
      maxBytes: match?.bodyCap?.maxBytes ?? Number.POSITIVE_INFINITY,
      idleTimeoutMs: site.surroundings.limits.bodyIdleTimeoutMs,
    };
    return new RequestBody(request, limits, (fault) => this.#exchange.attempt(() => this.#refuseBody(fault)));
  }

  /** Takes the request back from the upstream, which has not seen its end, and answers for it here. */
  #refuseBody(fault: BodyFault): void {
    const exchange = this.#exchange;
    if (exchange.isOver) return;
    this.abandon();
    const cap = exchange.match?.bodyCap;
    if (exchange.response.headersSent) exchange.cutOff();
    else if (fault === "too-large" && cap) refuseBody(exchange, cap);
    else answerSettled(exchange, "HG_REQUEST_TIMEOUT");
  }

  #fail(error: Error): void {
    const exchange = this.#exchange;
    if (exchange.response.writableEnded) return;
    const code = faultCodeOf(error, this.#controller !== undefined);
    const { method } = this.#request;
    exchange.site.surroundings.log.warn("upstream-failed", {
      code,
      reason: codeOf(error),
      method,
      path: exchange.target.path,
    });
    this.#reply?.stop();
    if (exchange.response.headersSent) exchange.cutOff();
    else answerSettled(exchange, code);
  }

  /** Whether the request can be sent again as if it had never been: it changes nothing, and nobody has answered. */
  #mayRetry(error: Error): boolean {
    const { method, body, upgrade } = this.#request;
    if (this.#hasRetried || this.#hasAnswerBegun || body !== null || upgrade !== undefined) return false;
    return (method === "GET" || method === "HEAD" || method === "OPTIONS") && isStaleConnection(error);
  }
}

/** Made once: an error for each client that goes away would cost a stack trace each. */
const ABANDONED = new Error("the client has gone away, or its request was refused midway");

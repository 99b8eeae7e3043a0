import type { IncomingMessage } from "node:http";
import type { Awaitable, Decision } from "@headgate/core";
import type { Match, MeasuredBody } from "@headgate/policy";
import type { Exchange } from "./exchange.ts";
import { answer, refuse, refuseBody } from "./local-answer.ts";
import { type BodyFault, readBody } from "./request-body.ts";

/**
 * Reads a body that limits must know before they can decide, and goes on with it and what it measures. Answers instead
 * where it may not be read so far, or where the request is refused whatever its body says.
 */
export function bodyFirst(
  exchange: Exchange,
  match: Match,
  next: (body: Buffer, measured: MeasuredBody) => void,
): void {
  const { request } = exchange;
  const length = request.headers["content-length"];
  if (length !== undefined && Number(length) > maxBytesOf(exchange, match)) {
    giveUp(exchange, match, "too-large");
  } else if (match.bodyNeed === "content" && isEncoded(request)) {
    answer(exchange, "HG_REQUEST_ENCODING");
  } else {
    exchange.when(refusalWithoutBody(exchange, match), (refusal) => {
      if (refusal) refuse(exchange, refusal);
      else read(exchange, match, next);
    });
  }
}

/**
 * What refuses the request whatever its body says: nothing is held for a caller that is over its limit anyway. Where a
 * limit counts rejected requests too, the body must still tell what this one costs.
 */
function refusalWithoutBody({ site, now }: Exchange, match: Match): Awaitable<Decision | undefined> {
  if (match.applications.some(({ limit }) => limit.countRejected)) return undefined;
  const standing = site.engine.peek(match, now);
  const ifRefused = (decision: Decision): Decision | undefined => (decision.allowed ? undefined : decision);
  return standing instanceof Promise ? standing.then(ifRefused) : ifRefused(standing);
}

function read(exchange: Exchange, match: Match, next: (body: Buffer, measured: MeasuredBody) => void): void {
  const { bodyIdleTimeoutMs, bufferedBodyTimeoutMs } = exchange.site.surroundings.limits;
  const limits = {
    maxBytes: maxBytesOf(exchange, match),
    idleTimeoutMs: bodyIdleTimeoutMs,
    timeoutMs: bufferedBodyTimeoutMs,
  };
  exchange.continue();
  readBody(
    exchange.request,
    limits,
    (bytes) => exchange.hold(bytes),
    (body) => {
      if (exchange.isOver) return;
      exchange.attempt(() => {
        if (typeof body === "string") giveUp(exchange, match, body);
        else next(body, measured(body, match));
      });
    },
  );
}

/** As text only where that must be read: it takes as much again as the body. */
function measured(body: Buffer, { bodyNeed }: Match): MeasuredBody {
  return bodyNeed === "content" ? { bytes: body.length, text: body.toString() } : { bytes: body.length };
}

function giveUp(exchange: Exchange, match: Match, fault: BodyFault): void {
  const { bodyCap } = match;
  if (fault === "too-slow") answer(exchange, "HG_REQUEST_TIMEOUT");
  else if (fault === "no-room") answer(exchange, "HG_GATEWAY_BUSY");
  else if (bodyCap?.maxBytes === maxBytesOf(exchange, match)) refuseBody(exchange, bodyCap);
  else answer(exchange, "HG_REQUEST_TOO_LARGE");
}

/** How much of the body may be read: what may be held of one, or less where a cap says so. */
function maxBytesOf({ site }: Exchange, { bodyCap }: Match): number {
  return Math.min(site.surroundings.limits.maxBufferedBodyBytes, bodyCap?.maxBytes ?? Number.POSITIVE_INFINITY);
}

/** Whether a body's items cannot be counted as it comes. */
function isEncoded({ headers }: IncomingMessage): boolean {
  const encoding = headers["content-encoding"];
  return encoding !== undefined && encoding.toLowerCase() !== "identity";
}

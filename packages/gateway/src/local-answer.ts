import { type Awaitable, type Decision, renderHeaders } from "@headgate/core";
import { type BodyCap, type Refusal, renderRefusal } from "@headgate/policy";
import type { Exchange } from "./exchange.ts";
import { pushPairs } from "./flat-headers.ts";
import { type AnswerCode, answerOf, type GatewayAnswer } from "./gateway-answers.ts";
import type { SuspensionEnd } from "./suspender.ts";

/** Answers with one of the gateway's own problems. */
export function answer(exchange: Exchange, code: AnswerCode): void {
  const { status, headers, body } = answerOf(code);
  if (code === "HG_REQUEST_TIMEOUT") exchange.response.shouldKeepAlive = false;
  send(exchange, status, [...headers], body);
}

/** As {@link answer}, for a request that has been admitted: what it is charged in the end may depend on its answer. */
export function answerSettled(exchange: Exchange, code: AnswerCode): void {
  exchange.when(exchange.settle(answerOf(code).status, {}), () => answer(exchange, code));
}

/** As {@link answerSettled}, with an answer made for this request. */
export function sendSettled(exchange: Exchange, { status, headers, body }: GatewayAnswer): void {
  exchange.when(exchange.settle(status, {}), () => send(exchange, status, [...headers], body));
}

/**
 * Refuses by decision: 429, where waiting cannot help 413, where the store could not be asked perhaps 503. Too many of
 * the first may end in a suspension, but not those that were decided without the store.
 */
export function refuse(exchange: Exchange, decision: Decision): void {
  const { caller, site, ruling } = exchange;
  const kind = decision.reason === "too-costly" ? "too-large" : "limited";
  // As of the decision, like the headers: both name the same instant.
  const now = ruling?.decidedAt ?? exchange.now;
  if (decision.reason === "limited" && caller) {
    site.surroundings.suspender?.count(site.policy.suspensionRules, caller, now);
  }
  exchange.outcome = "refused";
  sendRefusal(exchange, renderRefusal(site.policy, kind, { decision, now }));
}

/** Refuses a request that has been admitted, for its credential is not valid, or it has none and needs one. */
export function refuseUnauthenticated(exchange: Exchange): void {
  exchange.outcome = "unauthenticated";
  sendRefusalSettled(exchange, renderRefusal(exchange.site.policy, "unauthenticated"));
}

/** Refuses a request that has been admitted, for its credential does not reach so far. */
export function refuseScope(exchange: Exchange, refusal: GatewayAnswer): void {
  exchange.outcome = "forbidden";
  sendSettled(exchange, refusal);
}

/** Refuses a caller that is suspended, whatever the limits say. */
export function refuseSuspended(exchange: Exchange, { endsAt }: SuspensionEnd): void {
  const leftMs = endsAt === undefined ? undefined : endsAt - exchange.now;
  const suspendedForSeconds = leftMs === undefined ? undefined : Math.max(1, Math.ceil(leftMs / 1000));
  exchange.outcome = "suspended";
  sendRefusalSettled(exchange, renderRefusal(exchange.site.policy, "suspended", { suspendedForSeconds }));
}

/** Refuses a body that is larger than a cap. A request that has gone upstream by then stays charged. */
export function refuseBody(exchange: Exchange, cap: BodyCap): void {
  exchange.outcome = "too-large";
  sendRefusalSettled(exchange, renderRefusal(exchange.site.policy, "too-large", { cap }));
}

function sendRefusalSettled(exchange: Exchange, refusal: Refusal): void {
  exchange.when(exchange.settle(refusal.status, {}), () => sendRefusal(exchange, refusal));
}

function sendRefusal(exchange: Exchange, { status, headers, body }: Refusal): void {
  const flat: string[] = [];
  pushPairs(flat, headers);
  flat.push("Content-Length", String(Buffer.byteLength(body)));
  send(exchange, status, flat, body);
}

/** Sends an answer made here, with the rate-limit headers that every answer carries. */
function send(exchange: Exchange, status: number, headers: string[], body: string): void {
  exchange.when(decisionToShow(exchange), (decision) => {
    if (decision) {
      const { now, ruling, site } = exchange;
      pushPairs(headers, renderHeaders(decision, site.policy.responses.headers, now, ruling?.decidedAt));
    }
    exchange.writeHead(status, headers);
    exchange.finish(body);
  });
}

/** What was decided; before that, what the limits that apply would say now. */
function decisionToShow({ ruling, match, site, now }: Exchange): Awaitable<Decision | undefined> {
  if (ruling) return ruling.decision;
  return match && site.engine.peek(match, now);
}

import { type Awaitable, type Decision, renderHeaders } from "@headgate/core";
import { type BodyCap, type Refusal, renderRefusal } from "@headgate/policy";
import { pushPairs } from "./client-headers.ts";
import type { Exchange } from "./exchange.ts";
import { type AnswerCode, answerOf } from "./gateway-answers.ts";

/** Answers with one of the gateway's own problems. */
export function answer(exchange: Exchange, code: AnswerCode): void {
  const { status, headers, body } = answerOf(code);
  if (code === "HG_REQUEST_TIMEOUT") exchange.response.shouldKeepAlive = false;
  send(exchange, status, [...headers], body);
}

/** Refuses by decision: 429 or, where waiting cannot help, 413. */
export function refuse(exchange: Exchange, decision: Decision): void {
  const kind = decision.reason === "too-costly" ? "too-large" : "limited";
  sendRefusal(exchange, renderRefusal(exchange.site.policy, kind, { decision, now: exchange.now }));
}

/** Refuses a body that is larger than a cap, and takes back what was charged for the request. */
export function refuseBody(exchange: Exchange, cap: BodyCap): void {
  exchange.cancel();
  sendRefusal(exchange, renderRefusal(exchange.site.policy, "too-large", { cap }));
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
    exchange.response.end(body);
    exchange.discardRest();
  });
}

/** What was decided; before that, what the limits that apply would say now. */
function decisionToShow({ ruling, match, site, now }: Exchange): Awaitable<Decision | undefined> {
  if (ruling) return ruling.decision;
  return match && site.engine.peek(match, now);
}

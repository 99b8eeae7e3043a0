import { type Awaitable, type Decision, renderHeaders } from "@headgate/core";
import { type BodyCap, type Refusal, renderRefusal } from "@headgate/policy";
import type { Exchange } from "./exchange.ts";
import { pushPairs } from "./flat-headers.ts";
import { type AnswerCode, answerOf } from "./gateway-answers.ts";

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

/** Refuses by decision: 429 or, where waiting cannot help, 413. */
export function refuse(exchange: Exchange, decision: Decision): void {
  const kind = decision.reason === "too-costly" ? "too-large" : "limited";
  // As of the decision, like the headers: both name the same instant.
  const now = exchange.ruling?.decidedAt ?? exchange.now;
  sendRefusal(exchange, renderRefusal(exchange.site.policy, kind, { decision, now }));
}

/** Refuses a body that is larger than a cap. A request that has gone upstream by then stays charged. */
export function refuseBody(exchange: Exchange, cap: BodyCap): void {
  const refusal = renderRefusal(exchange.site.policy, "too-large", { cap });
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

import type { Facts, Match, MeasuredBody, Ruling } from "@headgate/policy";
import { bodyFirst } from "./body-first.ts";
import type { Exchange } from "./exchange.ts";
import { connectionHeaders } from "./hop-by-hop.ts";
import { type Claims, KEYS_UNREACHABLE } from "./jwt.ts";
import { answer, refuse, refuseBody } from "./local-answer.ts";
import { forward } from "./relay.ts";
import { hasBody } from "./request-body.ts";

/** Decides a request, and forwards or refuses it. */
export function admit(exchange: Exchange): void {
  const { site, request } = exchange;
  dropDeclared(exchange);
  const claims = site.claims?.read(request.headers.authorization);
  exchange.when(claims, (known) => {
    if (known === KEYS_UNREACHABLE) {
      answer(exchange, "HG_KEYS_UNREACHABLE");
      return;
    }
    const facts = factsOf(exchange, known);
    if (facts) decideBy(exchange, facts);
    else answer(exchange, "HG_REQUEST_CALLER");
  });
}

/** Takes away the headers that will not be passed on: deciding by them would be deciding on another request. */
function dropDeclared({ request: { headers } }: Exchange): void {
  for (const name of connectionHeaders(headers.connection) ?? []) delete headers[name];
}

/** Undefined when the request contradicts itself about who is calling. */
function factsOf({ site, request, target }: Exchange, jwtClaims: Claims | undefined): Facts | undefined {
  const { headers } = request;
  if (target.authority !== undefined) headers.host = target.authority;
  const peerAddress = request.socket.remoteAddress ?? "";
  const callers = site.policy.callers.read({ headers, query: target.query, peerAddress, jwtClaims });
  if (!callers) return undefined;
  const authenticated = site.credentials.isValid(site.policy.callers.credentialOf(callers));
  return { method: request.method as string, path: target.path, headers, callers, authenticated };
}

function decideBy(exchange: Exchange, facts: Facts): void {
  const { site, request } = exchange;
  const match = site.engine.match(facts);
  exchange.match = match;
  if (!site.upstream.hasRoom) answer(exchange, "HG_UPSTREAM_BUSY");
  else if (hasBody(request)) decideWithBody(exchange, match);
  else decide(exchange, match, NO_BODY, undefined);
}

function decideWithBody(exchange: Exchange, match: Match): void {
  const { "content-length": length } = exchange.request.headers;
  const bytes = length === undefined ? undefined : Number(length);
  const { bodyCap, bodyNeed } = match;
  if (bodyCap && bytes !== undefined && bytes > bodyCap.maxBytes) refuseBody(exchange, bodyCap);
  else if (bodyNeed === "nothing") decide(exchange, match, NO_BODY, undefined);
  else if (bodyNeed === "length" && bytes !== undefined) decide(exchange, match, { bytes }, undefined);
  else bodyFirst(exchange, match, (body, measured) => decide(exchange, match, measured, body));
}

function decide(exchange: Exchange, match: Match, measured: MeasuredBody, body: Buffer | undefined): void {
  const ruling = exchange.site.engine.decide(match, measured, exchange.now);
  if (ruling instanceof Promise) {
    // Not through `when`: what was charged must be known even where the client has gone meanwhile.
    ruling.then((known) => enforce(exchange, known, body)).catch((error: unknown) => exchange.crash(error));
  } else {
    enforce(exchange, ruling, body);
  }
}

function enforce(exchange: Exchange, ruling: Ruling, body: Buffer | undefined): void {
  exchange.ruling = ruling;
  exchange.site.shadowReport?.note(ruling.decision, ruling.decidedAt);
  if (exchange.isOver) return;
  if (ruling.decision.allowed) forward(exchange, body);
  else refuse(exchange, ruling.decision);
}

const NO_BODY: MeasuredBody = { bytes: 0 };

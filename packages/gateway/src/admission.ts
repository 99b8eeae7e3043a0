import type { Facts, Match, MeasuredBody, Ruling } from "@headgate/policy";
import { bodyFirst } from "./body-first.ts";
import { answerByBuiltin } from "./builtin-reply.ts";
import type { Callers, KnownCaller } from "./credentials.ts";
import type { Exchange } from "./exchange.ts";
import { connectionHeaders } from "./hop-by-hop.ts";
import { dropIdentityHeaders } from "./identity-headers.ts";
import { type Claims, KEYS_UNREACHABLE } from "./jwt.ts";
import { answer, refuse, refuseBody, refuseScope, refuseSuspended, refuseUnauthenticated } from "./local-answer.ts";
import { forward } from "./relay.ts";
import { hasBody } from "./request-body.ts";
import { scopeRefusal } from "./scopes.ts";
import { answerTokenRequest, isTokenRequest } from "./token-endpoint.ts";

/** Decides a request, and forwards or refuses it. */
export function admit(exchange: Exchange): void {
  const { site, request } = exchange;
  dropUnpassed(exchange);
  const claims = site.claims?.read(request.headers.authorization);
  exchange.when(claims, (known) => {
    if (known === KEYS_UNREACHABLE) {
      answer(exchange, "HG_KEYS_UNREACHABLE");
      return;
    }
    const presented = presentedBy(exchange, known);
    const caller = presented && site.credentials.know(presented, exchange.now);
    if (caller) decideBy(exchange, caller);
    else answer(exchange, "HG_REQUEST_CALLER");
  });
}

/** Takes away the headers that will not be passed on: deciding by them would be deciding on another request. */
function dropUnpassed({ request, site }: Exchange): void {
  const { headers } = request;
  for (const name of connectionHeaders(headers.connection) ?? []) delete headers[name];
  dropIdentityHeaders(request);
  site.headerTwins.drop(headers);
}

/** Undefined when the request contradicts itself about who is calling. */
function presentedBy({ site, request, target }: Exchange, jwtClaims: Claims | undefined): Callers | undefined {
  const { headers } = request;
  if (target.authority !== undefined) headers.host = target.authority;
  const peerAddress = request.socket.remoteAddress ?? "";
  return site.policy.callers.read({ headers, query: target.query, peerAddress, jwtClaims });
}

function decideBy(exchange: Exchange, caller: KnownCaller): void {
  const { site, request, now } = exchange;
  const match = site.engine.match(factsOf(exchange, caller), now);
  exchange.caller = caller;
  exchange.match = match;
  const suspension = site.surroundings.suspender?.suspensionOf(caller, now);
  if (suspension) refuseSuspended(exchange, suspension);
  else if (hasBody(request)) decideWithBody(exchange, match);
  else decide(exchange, match, NO_BODY, undefined);
}

function factsOf({ request, target }: Exchange, { callers, authenticated, identity }: KnownCaller): Facts {
  return {
    method: request.method as string,
    path: target.path,
    headers: request.headers,
    callers,
    authenticated,
    plan: identity?.plan,
    overrides: identity?.overrides,
  };
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
  const { engine, upstream } = exchange.site;
  if (!upstream.hasRoom) {
    answer(exchange, "HG_UPSTREAM_BUSY");
    return;
  }
  const ruling = engine.decide(match, measured, exchange.now);
  if (ruling instanceof Promise) {
    // Not through `when`: what was charged must be known even where the client has gone meanwhile.
    ruling.then((known) => enforce(exchange, known, body)).catch((error: unknown) => exchange.crash(error));
  } else {
    enforce(exchange, ruling, body);
  }
}

function enforce(exchange: Exchange, ruling: Ruling, body: Buffer | undefined): void {
  exchange.ruling = ruling;
  exchange.site.surroundings.tally.noteDecision(ruling.decision);
  exchange.site.surroundings.limitWatch?.note(ruling, exchange.caller?.identity?.accountId);
  if (exchange.isOver) return;
  if (ruling.decision.allowed) serve(exchange, body);
  else refuse(exchange, ruling.decision);
}

/** Goes on with a request that the limits admit: what is refused now has been counted. */
function serve(exchange: Exchange, body: Buffer | undefined): void {
  const { request } = exchange;
  const { isRefused, identity } = exchange.caller as KnownCaller;
  exchange.outcome = "admitted";
  if (isRefused) {
    refuseUnauthenticated(exchange);
  } else if (isTokenRequest(exchange)) {
    // Whatever the key's scopes: a token has none that its key lacks.
    answerTokenRequest(exchange, body);
  } else {
    const refusal = identity && scopeRefusal(identity, request.method as string);
    if (refusal) refuseScope(exchange, refusal);
    else pass(exchange, body);
  }
}

/** Passes a request on to what answers it. */
function pass(exchange: Exchange, body: Buffer | undefined): void {
  const { upstream } = exchange.site;
  exchange.pass();
  if (upstream.kind === "http") forward(exchange, upstream, body);
  else answerByBuiltin(exchange, upstream.api, body);
}

const NO_BODY: MeasuredBody = { bytes: 0 };

import type { Identity, Token } from "@headgate/control";
import { tokenPrefixFor } from "@headgate/control/lookup";
import { HeadgateError } from "@headgate/core";
import type { KnownCaller } from "./credentials.ts";
import type { Exchange } from "./exchange.ts";
import { refuseSuspended, refuseUnauthenticated, sendSettled } from "./local-answer.ts";
import type { Records } from "./records.ts";
import { readSmallBody } from "./small-body.ts";
import { tokenAnswer, tokenFaultAnswer } from "./token-answers.ts";
import type { TokenFault } from "./token-fault.ts";
import { isTokenForm, parseTokenRequest, type TokenRequest } from "./token-request.ts";

/** A request for a token has no more to say than that. */
const MAX_BODY_BYTES = 8 * 1024;

/** Whether a request is for a token, which the gateway gives itself. Slashes at the path's end do not count. */
export function isTokenRequest({ site, request, target: { path } }: Exchange): boolean {
  const { tokenPath } = site.policy.issuing;
  if (request.method !== "POST" || tokenPath === undefined || !path.startsWith(tokenPath)) return false;
  return path.length === tokenPath.length || /^\/+$/.test(path.slice(tokenPath.length));
}

/**
 * Gives a token for a key. The limits have decided before, as about any request. They did not know of a key whose secret
 * is in the body: to them who asks so is a stranger at an address, which is also whom guesses at secrets are counted for.
 */
export function answerTokenRequest(exchange: Exchange, bodyRead: Buffer | undefined): void {
  readSmallBody(exchange, bodyRead, MAX_BODY_BYTES, (body) => {
    const request = parseTokenRequest(exchange.request.headers, body);
    const key = "error" in request ? request : keyOf(exchange, request);
    if ("error" in key) refuseToken(exchange, key);
    else if (!refuseIfSuspended(exchange, key)) mint(exchange, key, request as TokenRequest);
  });
}

/** Whose key asks. */
function keyOf({ site, caller, now }: Exchange, { client }: TokenRequest): Identity | TokenFault {
  const shown = (caller as KnownCaller).identity;
  if (shown && client) {
    return { error: "invalid_request", status: 400, detail: "the request shows two credentials, and needs one" };
  }
  const identity = client ? site.surroundings.control?.directory.identify(client.secret, now) : shown;
  if (!identity || (client && identity.id !== client.id)) return UNKNOWN;
  return identity.kind === "key" ? identity : NO_KEY;
}

/** A key that came in the body: nobody has asked yet whether its account is suspended. */
function refuseIfSuspended(exchange: Exchange, key: Identity): boolean {
  const caller = { ...(exchange.caller as KnownCaller), identity: key };
  const suspension = exchange.site.surroundings.suspender?.suspensionOf(caller, exchange.now);
  if (suspension) refuseSuspended(exchange, suspension);
  return suspension !== undefined;
}

function mint(
  exchange: Exchange,
  { keyId }: Identity,
  { kind, actor, target, lifetimeMs, scopes }: TokenRequest,
): void {
  const { policy, surroundings } = exchange.site;
  const { issuing } = policy;
  const fields = {
    keyId,
    kind,
    prefix: tokenPrefixFor(issuing, kind),
    lifetimeMs: lifetimeMs ?? issuing.tokenLifetimeMs,
    scopes,
    actor,
    target,
  };
  const { tokens } = surroundings.control as Records;
  const minted = tokens.mint(fields, keyId).catch(toFault);
  exchange.when(minted, (result) => giveToken(exchange, result));
}

function giveToken(exchange: Exchange, result: { token: Token; secret: string } | TokenFault): void {
  if ("error" in result) refuseToken(exchange, result);
  else sendSettled(exchange, tokenAnswer(result));
}

function refuseToken(exchange: Exchange, fault: TokenFault): void {
  const isForm = isTokenForm(exchange.request.headers);
  if (fault.error === "temporarily_unavailable") {
    exchange.site.surroundings.log.warn("token-not-given", { reason: fault.detail });
  }
  if (fault.error === "invalid_client" && !isForm) refuseUnauthenticated(exchange);
  else sendSettled(exchange, tokenFaultAnswer(fault, isForm));
}

const UNKNOWN: TokenFault = { error: "invalid_client", status: 401, detail: "no such key, or not this secret" };
const NO_KEY: TokenFault = {
  error: "unauthorized_client",
  code: "HG_TOKEN_NEEDS_KEY",
  status: 403,
  detail: "a token is given for a key, not for another token",
};

/** What the record says to a request that it does not grant. Rethrows what is nobody's fault but the gateway's own. */
function toFault(error: unknown): TokenFault {
  if (!(error instanceof HeadgateError)) throw error;
  const { code } = error;
  const detail = error.message.replace(/\.$/, "");
  if (code === "HG_SCOPES_INVALID") return { error: "invalid_scope", status: 422, detail };
  if (code === "HG_LIFETIME_INVALID" || code === "HG_WIDGET_INVALID") {
    return { error: "invalid_request", status: 422, detail };
  }
  // Revoked since it was looked up.
  if (code === "HG_KEY_REVOKED" || code === "HG_KEY_UNKNOWN") return UNKNOWN;
  // What OAuth has for it is what fits nothing else.
  if (code === "HG_KEY_TOKENS_FULL")
    return { error: "invalid_request", code: "HG_TOKENS_TOO_MANY", status: 409, detail };
  if (!code.startsWith("HG_STORAGE_")) throw error;
  return AWAY;
}

const AWAY: TokenFault = {
  error: "temporarily_unavailable",
  code: "HG_TOKENS_UNAVAILABLE",
  status: 503,
  detail: "no token can be given while the database is away",
};

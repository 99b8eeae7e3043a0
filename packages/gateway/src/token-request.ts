import type { IncomingHttpHeaders } from "node:http";
import type { Token } from "@headgate/control";
import { parseDuration } from "@headgate/policy";
import { type ClientCredentials, readClient } from "./client-credentials.ts";
import type { TokenFault } from "./token-fault.ts";
import { parseTokenForm } from "./token-form.ts";

/** What is asked for with a token. */
export interface TokenRequest {
  /** Who asks, where the request names a key in OAuth's way; else it is whom the policy reads. */
  readonly client: ClientCredentials | undefined;
  readonly kind: Token["kind"];
  /** The one actor, or target, that a widget is to show. */
  readonly actor: string | undefined;
  readonly target: string | undefined;
  /** Undefined: as long as the policy says. */
  readonly lifetimeMs: number | undefined;
  /** Undefined: the key's own. */
  readonly scopes: readonly string[] | undefined;
}

/** Whether a token is asked for in OAuth's form (RFC 6749, section 4.4.2), and is to be answered so. */
export function isTokenForm(headers: IncomingHttpHeaders): boolean {
  return mediaTypeOf(headers) === "application/x-www-form-urlencoded";
}

/** Reads a request for a token: OAuth's form, JSON (`for`, `widget`, `actor`, `target`, `scopes`), or nothing at all. */
export function parseTokenRequest(headers: IncomingHttpHeaders, body: Buffer): TokenRequest | TokenFault {
  if ((headers["content-encoding"] ?? "identity").toLowerCase() !== "identity") {
    return { error: "invalid_request", status: 415, detail: "the body must not be compressed" };
  }
  const { authorization } = headers;
  if (isTokenForm(headers)) return parseTokenForm(body.toString(), authorization);
  if (body.length === 0) return fromFields({}, authorization);
  if (mediaTypeOf(headers) !== "application/json") {
    const detail = "the body must be application/json or application/x-www-form-urlencoded";
    return { error: "invalid_request", status: 415, detail };
  }
  const fields = parseObject(body);
  if (!fields) return { error: "invalid_request", status: 400, detail: "the body is not a JSON object" };
  return fromFields(fields, authorization);
}

function fromFields(
  fields: Readonly<Record<string, unknown>>,
  authorization: string | undefined,
): TokenRequest | TokenFault {
  const { for: lifetime, widget = false, actor, target, scopes, ...others } = fields;
  if (Object.keys(others).length > 0) {
    return invalid("only the fields for, widget, actor, target and scopes are known");
  }
  if (typeof widget !== "boolean") return invalid("widget must be true or false");
  if (!isTextOrNone(actor) || !isTextOrNone(target)) return invalid("actor and target must be strings");
  if (scopes !== undefined && !isTexts(scopes)) return invalid("scopes must be an array of strings");
  if (scopes?.length === 0) return invalid("a token without scopes could do nothing: leave them out for the key's own");
  const lifetimeMs = typeof lifetime === "string" ? parseDuration(lifetime) : undefined;
  if (lifetime !== undefined && lifetimeMs === undefined)
    return invalid("for must be a duration such as 30m, 24h or 7d");
  const client = readClient(authorization);
  if (client && "error" in client) return client;
  return { client, kind: widget ? "widget" : "access", actor, target, lifetimeMs, scopes };
}

function invalid(detail: string): TokenFault {
  return { error: "invalid_request", status: 422, detail };
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(UTF_8.decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const UTF_8 = new TextDecoder("utf-8", { fatal: true });

function isTextOrNone(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function mediaTypeOf(headers: IncomingHttpHeaders): string | undefined {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
}

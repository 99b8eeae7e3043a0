import { WebhookError } from "./webhook-error.ts";

/** Headers as a Request has them, or as Node has: names in any case, lists where a header is there several times. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a message's headers say of it (Standard Webhooks). */
export interface SignedHeaders {
  readonly id: string;
  /** As it is written, and signed. */
  readonly timestamp: string;
  /** Base64 of the signatures of version 1, those that have its form. */
  readonly signatures: readonly string[];
}

/** HMAC-SHA256 in base64, padded, the one way to write it: the last character has two bits that say nothing. */
const SIGNATURE = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;

/** Standard Webhooks sets no bound, but a sender signs with one secret, or a few in a rotation. Each costs a pass over the body. */
const MOST_SIGNATURES = 8;

/** Reads them, or throws where one is missing or malformed. Signatures of other versions are skipped. */
export function signedHeaders(headers: WebhookHeaders): SignedHeaders {
  const id = textOf(headers, "webhook-id");
  const timestamp = textOf(headers, "webhook-timestamp");
  const given = textOf(headers, "webhook-signature").split(" ");
  // Dots part what is signed: with one in the id, it could be read in two ways.
  if (!/^[!-\-/-~]{1,255}$/.test(id)) throw unsigned("webhook-id is not 1 to 255 visible characters without a dot");
  if (!/^\d{1,12}$/.test(timestamp)) throw unsigned("webhook-timestamp is not in whole seconds since 1970");
  const signatures = given.flatMap((signature) => SIGNATURE.exec(signature)?.[1] ?? []);
  return { id, timestamp, signatures: signatures.slice(0, MOST_SIGNATURES) };
}

function textOf(headers: WebhookHeaders, name: string): string {
  const value = isHeaders(headers) ? headers.get(name) : recordText(headers, name);
  if (typeof value !== "string" || value === "") throw unsigned(`${name} is missing, or there several times`);
  return value;
}

/** Headers of any class: a library's own `Request` does not have this runtime's. A record's `get` would be a header's text. */
function isHeaders(headers: WebhookHeaders): headers is Headers {
  return typeof headers.get === "function";
}

function recordText(headers: Exclude<WebhookHeaders, Headers>, name: string): unknown {
  const found = Object.keys(headers).filter((key) => key.toLowerCase() === name);
  return found.length === 1 ? headers[found[0] as string] : undefined;
}

function unsigned(message: string): WebhookError {
  return new WebhookError("HG_WEBHOOK_UNSIGNED", message);
}

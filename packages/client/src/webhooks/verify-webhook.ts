import { joinedBytes } from "../joined-bytes.ts";
import { type RawBody, rawBytes } from "./raw-body.ts";
import { type SignedHeaders, signedHeaders, type WebhookHeaders } from "./signed-headers.ts";
import { bytesOf, type SigningKey, signingKey } from "./signing-key.ts";
import { WebhookError } from "./webhook-error.ts";

/** What a receiver may set. */
export interface VerifyWebhookOptions {
  /** How far the time of the attempt may be from now, both ways. Default 5 minutes. */
  readonly toleranceMs?: number;
  /** Default 1 MiB. */
  readonly maxBytes?: number;
  /** Epoch ms. Default: this machine's clock. */
  readonly now?: number;
}

/** A message that is what it says it is. */
export interface WebhookMessage {
  /** The same each time the message is sent: what has been seen is not to be done again. */
  readonly id: string;
  /** Epoch ms, in whole seconds: when this attempt was made. */
  readonly timestamp: number;
  /** The body, parsed as JSON. Its shape is the sender's affair, and not checked. */
  readonly payload: unknown;
}

/**
 * Verifies a message by Standard Webhooks, in constant time, and reads it. Several secrets may be given while one is
 * replaced by another. The body must be as it came. Throws {@link WebhookError}, whose `status` is the answer to give: what
 * is not signed, not by this secret, or not of now is refused, and says no more than that.
 */
export async function verifyWebhook(
  source: Request | { readonly headers: WebhookHeaders; readonly body: RawBody },
  secret: string | readonly string[],
  // By the clock as it is now, not as it was set when the process began.
  { toleranceMs = 5 * 60 * 1000, maxBytes = 2 ** 20, now = Date.now() }: VerifyWebhookOptions = {},
): Promise<WebhookMessage> {
  const keys = await Promise.all([secret].flat().map(signingKey));
  const headers = signedHeaders(source.headers);
  const timestamp = Number(headers.timestamp) * 1000;
  if (!(Math.abs(now - timestamp) <= toleranceMs)) {
    throw new WebhookError("HG_WEBHOOK_TIME", "webhook-timestamp is far from now: a message of old, or a clock is off");
  }
  const body = await rawBytes(source, maxBytes);
  if (!(await isSigned(headers, body, keys))) {
    throw new WebhookError("HG_WEBHOOK_SIGNATURE", "no signature in webhook-signature is of this body by this secret");
  }
  return { id: headers.id, timestamp, payload: parsed(body) };
}

async function isSigned(
  { id, timestamp, signatures }: SignedHeaders,
  body: Uint8Array,
  keys: readonly SigningKey[],
): Promise<boolean> {
  const signed = joinedBytes([new TextEncoder().encode(`${id}.${timestamp}.`), body]);
  for (const key of keys) {
    for (const signature of signatures) {
      if (await crypto.subtle.verify("HMAC", key, bytesOf(signature), signed)) return true;
    }
  }
  return false;
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new WebhookError("HG_WEBHOOK_JSON", "the body is signed, but is not JSON in UTF-8");
  }
}

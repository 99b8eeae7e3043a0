import { WebhookError } from "./webhook-error.ts";

const SECRET = /^whsec_((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;
const LEAST_BYTES = 24;
const MOST_BYTES = 64;

/** What verifies signatures. */
export type SigningKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Reads a secret as Standard Webhooks writes it: `whsec_` and the base64 of 24 to 64 bytes. */
export async function signingKey(secret: string): Promise<SigningKey> {
  const base64 = SECRET.exec(secret)?.[1];
  const bytes = bytesOf(base64 ?? "");
  if (bytes.length < LEAST_BYTES || bytes.length > MOST_BYTES) {
    throw new WebhookError(
      "HG_WEBHOOK_SECRET",
      "a webhook's secret is whsec_ and the base64 of 24 to 64 bytes: give it as the sender shows it",
      500,
    );
  }
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

/** The bytes that a base64 text stands for. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

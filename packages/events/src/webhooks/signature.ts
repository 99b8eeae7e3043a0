import { createHmac } from "node:crypto";
import type { Webhook } from "./webhook.ts";
import { signingKey } from "./webhook-secret.ts";

/**
 * The headers by which a receiver knows that a message is ours, and of now: Standard Webhooks. All secrets sign that are
 * good at this moment. `now` is epoch ms, of the attempt; the body is signed as it is sent, byte for byte.
 */
export function signedHeaders(
  webhook: Pick<Webhook, "secret" | "previousSecret" | "previousUntil">,
  messageId: string,
  body: string,
  now: number,
): Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string> {
  const timestamp = String(Math.floor(now / 1_000));
  const signed = `${messageId}.${timestamp}.${body}`;
  const signatures = secretsAt(webhook, now).map((secret) => `v1,${signatureOf(secret, signed)}`);
  return { "webhook-id": messageId, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

function secretsAt(
  { secret, previousSecret, previousUntil }: Pick<Webhook, "secret" | "previousSecret" | "previousUntil">,
  now: number,
): string[] {
  const isPreviousGood = previousSecret !== undefined && previousUntil !== undefined && now < previousUntil;
  return isPreviousGood ? [secret, previousSecret] : [secret];
}

function signatureOf(secret: string, signed: string): string {
  return createHmac("sha256", signingKey(secret)).update(signed).digest("base64");
}

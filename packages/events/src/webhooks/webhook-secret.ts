import { randomBytes } from "node:crypto";

const PREFIX = "whsec_";
const BYTES = 32;
const LEAST_BYTES = 24;
const MOST_BYTES = 64;

/** A new secret as Standard Webhooks writes it: `whsec_` and base64. */
export function mintSecret(): string {
  return PREFIX + randomBytes(BYTES).toString("base64");
}

/** Whether it is `whsec_` and the base64 of 24 to 64 bytes, with its padding. */
export function isSecret(text: string): boolean {
  const key = signingKey(text);
  return key.length >= LEAST_BYTES && key.length <= MOST_BYTES && text === PREFIX + key.toString("base64");
}

/** The bytes that sign. */
export function signingKey(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), "base64");
}

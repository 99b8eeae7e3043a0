import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { HeadgateError } from "@headgate/core";
import { bytesToBase62, numberFromBase62, numberToBase62 } from "./base62.ts";
import { withRandomBytes } from "./random-bytes.ts";

const RANDOM_BYTES = 32;
/** 62^43 is just above 2^256. */
const RANDOM_DIGITS = 43;
const CHECKSUM_DIGITS = 6;
const LONGEST_PREFIX = 24;
const PREFIX = /^[A-Za-z0-9_-]{0,24}$/;
const SHORTEST = RANDOM_DIGITS + CHECKSUM_DIGITS;
const LONGEST = LONGEST_PREFIX + SHORTEST;
const START_DIGITS = 4;

/** Throws `HG_PREFIX_INVALID`. */
export function checkPrefix(prefix: string): void {
  if (PREFIX.test(prefix)) return;
  const rule = `letters, digits, - and _, at most ${LONGEST_PREFIX} of them`;
  throw new HeadgateError("HG_PREFIX_INVALID", `A secret cannot begin with ${JSON.stringify(prefix)}: use ${rule}.`);
}

/**
 * A new secret: the prefix, 256 random bits in base 62, and a CRC-32 of all that, which tells a mistyped secret from an
 * unknown one without a look-up. Throws `HG_PREFIX_INVALID`.
 */
export function mint(prefix: string): string {
  checkPrefix(prefix);
  const body = prefix + withRandomBytes(RANDOM_BYTES, (bytes) => bytesToBase62(bytes, RANDOM_DIGITS));
  return body + numberToBase62(crc32(body), CHECKSUM_DIGITS);
}

/** Whether the checksum fits, in time that depends on nothing but the length. That says nothing of being on record. */
export function isWellFormed(secret: string): boolean {
  if (secret.length < SHORTEST || secret.length > LONGEST) return false;
  const bodyLength = secret.length - CHECKSUM_DIGITS;
  return crc32(secret.slice(0, bodyLength)) === numberFromBase62(secret, bodyLength);
}

/** What is kept of a secret: its SHA-256, base64. Secrets are random enough that salt and stretching add nothing. */
export function hashOf(secret: string): string {
  return hash("sha256", secret, "base64");
}

/** The prefix and a few characters more: enough to tell keys apart, of no use in guessing them. */
export function startOf(secret: string): string {
  return secret.slice(0, secret.length - SHORTEST + START_DIGITS);
}

import { hash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Awaitable, HeadgateError } from "@headgate/core";
import { parseBearer } from "@headgate/policy";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { LRUCache } from "lru-cache";
import type { GatewayLog } from "./gateway-log.ts";

/** Claims of a verified token. */
export type Claims = Readonly<Record<string, unknown>>;

/** Nobody can say whether a token is valid: the keys that would tell could not be fetched. */
export const KEYS_UNREACHABLE: unique symbol = Symbol("keys unreachable");

const MAX_REMEMBERED = 10_000;
/** Tokens that never expire, and expiries that lie far ahead, are verified again after this long. */
const REMEMBERED_FOR_MS = 3_600_000;
/** A token that is not valid yet, or whose key is new, may soon be. */
const REFUSED_FOR_MS = 60_000;
/** How often the log hears that the keys cannot be fetched, at most. */
const REPORT_EVERY_MS = 60_000;

/**
 * Reads the claims of bearer tokens (RFC 7519) that one of the policy's keys has signed. A token that is not valid has
 * no claims. What was found is remembered under a salted hash of the token: claims until it expires, refusals briefly.
 */
export class ClaimReader {
  readonly #keys: JWTVerifyGetKey;
  readonly #clock: () => number;
  readonly #log: GatewayLog;
  readonly #salt = randomBytes(16).toString("hex");
  readonly #known: LRUCache<string, Claims>;
  readonly #refused: LRUCache<string, true>;
  #reportedAt = Number.NEGATIVE_INFINITY;

  /** `jwks` is a URL or a file of a JSON Web Key Set. Throws `HG_JWKS_UNREADABLE`. */
  constructor(jwks: string, clock: () => number, log: GatewayLog) {
    this.#keys = keysOf(jwks);
    this.#clock = clock;
    this.#log = log;
    const bounds = { max: MAX_REMEMBERED, ttlResolution: 0, perf: { now: clock } };
    this.#known = new LRUCache({ ...bounds, ttl: REMEMBERED_FOR_MS });
    this.#refused = new LRUCache({ ...bounds, ttl: REFUSED_FOR_MS });
  }

  /** The claims that an `Authorization` header carries. A promise only for tokens not seen before. */
  read(authorization: string | undefined): Awaitable<Claims | undefined | typeof KEYS_UNREACHABLE> {
    const bearer = parseBearer(authorization);
    if (bearer.kind !== "token" || !SIGNED_TOKEN.test(bearer.token)) return undefined;
    const key = hash("sha256", this.#salt + bearer.token, "base64");
    if (this.#refused.has(key)) return undefined;
    return this.#known.get(key) ?? this.#verify(bearer.token, key);
  }

  async #verify(token: string, key: string): Promise<Claims | undefined | typeof KEYS_UNREACHABLE> {
    const now = this.#clock();
    try {
      const { payload } = await jwtVerify(token, this.#keys, { currentDate: new Date(now) });
      const ttl = Math.min(REMEMBERED_FOR_MS, expiryMs(payload) - now);
      if (ttl > 0) this.#known.set(key, payload, { ttl });
      return payload;
    } catch (error) {
      if (!isTokensFault(error)) {
        this.#report(error, now);
        return KEYS_UNREACHABLE;
      }
      this.#refused.set(key, true);
      return undefined;
    }
  }

  #report(error: unknown, now: number): void {
    if (now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = now;
    this.#log.error("keys-unreachable", { reason: String((error instanceof Error && error.cause) || error) });
  }
}

/** The keys at a URL, which are fetched when they are first asked for, or in a file. Throws `HG_JWKS_UNREADABLE`. */
export function keysOf(jwks: string): JWTVerifyGetKey {
  if (/^https?:/i.test(jwks)) return createRemoteJWKSet(new URL(jwks));
  try {
    return createLocalJWKSet(JSON.parse(readFileSync(jwks, "utf8")) as JSONWebKeySet);
  } catch (cause) {
    throw new HeadgateError("HG_JWKS_UNREADABLE", `cannot read JSON Web Keys from "${jwks}"`, { cause });
  }
}

/** Whether a token was looked at and found wanting, and not the keys. */
function isTokensFault(error: unknown): boolean {
  return error instanceof errors.JOSEError && !KEYS_FAULTS.has(error.code);
}

/** An answer that is no key set has no code of its own. */
const KEYS_FAULTS = new Set([errors.JOSEError.code, errors.JWKSTimeout.code, errors.JWKSInvalid.code]);

function expiryMs({ exp }: JWTPayload): number {
  return exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000;
}

/** Three parts of base64url: what cannot be a signed token is not worth verifying. */
const SIGNED_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

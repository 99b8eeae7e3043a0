import { hash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Awaitable, HeadgateError } from "@headgate/core";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { LRUCache } from "lru-cache";

/** Claims of a verified token. */
export type Claims = Readonly<Record<string, unknown>>;

const MAX_REMEMBERED = 10_000;
/** Tokens that never expire, and expiries that lie far ahead, are verified again after this long. */
const REMEMBERED_FOR_MS = 3_600_000;

/**
 * Reads the claims of bearer tokens (RFC 7519) that one of the policy's keys has signed. Claims are remembered until
 * the token expires, under a salted hash of it. A token that is not valid, for whatever reason, has no claims.
 */
export class ClaimReader {
  readonly #keys: JWTVerifyGetKey;
  readonly #clock: () => number;
  readonly #salt = randomBytes(16).toString("hex");
  readonly #known: LRUCache<string, Claims>;

  /** `jwks` is a URL or a file of a JSON Web Key Set. Throws `HG_JWKS_UNREADABLE`. */
  constructor(jwks: string, clock: () => number) {
    this.#keys = /^https?:/i.test(jwks) ? createRemoteJWKSet(new URL(jwks)) : readKeys(jwks);
    this.#clock = clock;
    this.#known = new LRUCache({ max: MAX_REMEMBERED, ttl: REMEMBERED_FOR_MS, ttlResolution: 0, perf: { now: clock } });
  }

  /** The claims that an `Authorization` header carries. A promise only for tokens not seen before. */
  read(authorization: string | undefined): Awaitable<Claims | undefined> {
    const token = authorization === undefined ? undefined : BEARER_TOKEN.exec(authorization)?.[1];
    if (token === undefined) return undefined;
    const key = hash("sha256", this.#salt + token, "base64");
    return this.#known.get(key) ?? this.#verify(token, key);
  }

  async #verify(token: string, key: string): Promise<Claims | undefined> {
    const now = this.#clock();
    try {
      const { payload } = await jwtVerify(token, this.#keys, { currentDate: new Date(now) });
      const ttl = Math.min(REMEMBERED_FOR_MS, expiryMs(payload) - now);
      if (ttl > 0) this.#known.set(key, payload, { ttl });
      return payload;
    } catch {
      return undefined;
    }
  }
}

function readKeys(file: string): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(JSON.parse(readFileSync(file, "utf8")) as JSONWebKeySet);
  } catch (cause) {
    throw new HeadgateError("HG_JWKS_UNREADABLE", `cannot read JSON Web Keys from "${file}"`, { cause });
  }
}

function expiryMs({ exp }: JWTPayload): number {
  return exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000;
}

/** Three parts of base64url: what cannot be a signed token is not worth verifying. */
const BEARER_TOKEN = /^bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;

import { createHash, timingSafeEqual } from "node:crypto";
import { type Claim, defineLimit, MemoryStore, retryAfterSeconds, toDecision } from "@headgate/core";
import { countedAddress, parseBearer } from "@headgate/policy";
import { ADMIN_ERRORS } from "./errors.ts";
import { Refusal } from "./refusal.ts";

/** Guessing at the token: so many wrong ones for each address. */
const FAILURES = defineLimit({ name: "admin-failures", quota: 10, windowMs: 60_000 });
/** Memory is bounded: when more addresses guess at once, those that guess least are forgotten. */
const MOST_ADDRESSES = 10_000;
const IPV6_PREFIX = 64;

/** Tells whether a request comes from an operator. The right token is never limited; wrong ones are, by address. */
export class Authentication {
  readonly #digest: Buffer;
  readonly #clock: () => number;
  readonly #failures = new MemoryStore({ maxPartitions: MOST_ADDRESSES, maxHolders: 1 });

  constructor(token: string, clock: () => number) {
    this.#digest = digestOf(token);
    this.#clock = clock;
  }

  /** Throws `HG_ADMIN_TOKEN`, or `HG_ADMIN_LIMITED` once the address has failed too often. */
  check(authorization: string | undefined, address: string): void {
    const bearer = parseBearer(authorization);
    // Digests are as long as each other whatever was sent, so that the comparison tells nothing of the token.
    const digest = digestOf(bearer.kind === "token" ? bearer.token : "");
    if (timingSafeEqual(digest, this.#digest) && bearer.kind === "token") return;

    const now = this.#clock();
    const claim: Claim = { limit: FAILURES, partition: countedAddress(address, IPV6_PREFIX) ?? address, cost: 1 };
    const decision = toDecision(this.#failures.consume([claim], now));
    if (!decision.allowed) throw limited(retryAfterSeconds(decision) ?? 1);
    const challenge =
      bearer.kind === "token" ? 'Bearer realm="headgate", error="invalid_token"' : 'Bearer realm="headgate"';
    throw new Refusal("HG_ADMIN_TOKEN", "Send the admin token as `Authorization: Bearer …`.", {
      headers: { "WWW-Authenticate": challenge },
    });
  }
}

function limited(seconds: number): Refusal {
  const message = `${ADMIN_ERRORS.HG_ADMIN_LIMITED}; try again in ${seconds} s.`.replace(/^t/, "T");
  return new Refusal("HG_ADMIN_LIMITED", message, { headers: { "Retry-After": String(seconds) } });
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

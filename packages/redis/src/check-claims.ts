import { type Claim, HeadgateError } from "@headgate/core";

/** Most limits that one request can meet. */
const MAX_CLAIMS = 64;

/** Throws what every store does, `HG_TOO_MANY_LIMITS` or `HG_CLAIM_INVALID`, where claims cannot be counted. */
export function checkClaims(claims: readonly Claim[], now: number): void {
  if (claims.length > MAX_CLAIMS) {
    const message = `one request met ${claims.length} limits; at most ${MAX_CLAIMS} can apply`;
    throw new HeadgateError("HG_TOO_MANY_LIMITS", message);
  }
  if (!Number.isSafeInteger(now)) throw invalid(`the time must be whole ms since the epoch, not ${now}`);
  for (const { limit, cost } of claims) {
    if (Number.isSafeInteger(cost) && cost >= 0) continue;
    throw invalid(`limit "${limit.name}": a cost is a whole number from 0 on, not ${cost}`);
  }
}

function invalid(message: string): HeadgateError {
  return new HeadgateError("HG_CLAIM_INVALID", message);
}

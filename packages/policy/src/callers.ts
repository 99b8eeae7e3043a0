import type { Headers } from "./facts.ts";

/** What a request carries before anyone has said who is calling. */
export interface RawRequest {
  readonly headers: Headers;
  /** The query without its question mark; "" for none. */
  readonly query: string;
  /** The address of the connection's other end. */
  readonly peerAddress: string;
  /** Claims of a token that has been verified, where the policy reads callers from claims. */
  readonly jwtClaims?: Readonly<Record<string, unknown>> | undefined;
}

/** Reads who is calling. */
export interface CallerReader {
  /** Values by caller name; `ip` is always there. */
  read(request: RawRequest): Readonly<Record<string, string>>;
  /** The first credential (api-key, token or account) among the values, or undefined for an anonymous request. */
  credentialOf(callers: Readonly<Record<string, string>>): string | undefined;
  /** Whether the connection's other end is a proxy whose forwarding headers count. */
  trusts(peerAddress: string): boolean;
  /** Where the keys that verify tokens are, when a caller is read from a claim. */
  readonly jwks: string | undefined;
}

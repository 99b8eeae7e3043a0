import type { TokenRow } from "@headgate/storage";
import { scopesOf } from "./scopes.ts";

/** A short-lived credential minted from a key, without its secret. It dies with its key. */
export interface Token {
  /** `tok_…` */
  readonly id: string;
  readonly accountId: string;
  readonly keyId: string;
  /** Widget tokens are for pages that strangers see: read only, whatever the key may do. */
  readonly kind: "access" | "widget";
  /** The one actor, or the one target, whose events a widget shows; with neither it shows all of the account's. */
  readonly actor: string | undefined;
  readonly target: string | undefined;
  readonly start: string;
  readonly scopes: readonly string[];
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly revokedAt: number | undefined;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function tokenOf(row: TokenRow): Token {
  return {
    id: row.id,
    accountId: row.account_id,
    keyId: row.key_id,
    kind: row.kind,
    actor: row.actor ?? undefined,
    target: row.target ?? undefined,
    start: row.start,
    scopes: scopesOf(row.scopes),
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at ?? undefined,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

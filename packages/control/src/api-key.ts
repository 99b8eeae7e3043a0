import type { ApiKeyRow } from "@headgate/storage";
import { scopesOf } from "./scopes.ts";

/** A key of an account, without its secret: that is shown once, when it is made. */
export interface ApiKey {
  /** `key_…`; stays the same when the secret is rotated, and so do its counters and overrides. */
  readonly id: string;
  readonly accountId: string;
  readonly name: string | undefined;
  /** How the secret begins, for people to tell keys apart. */
  readonly start: string;
  readonly scopes: readonly string[];
  /** Epoch ms; undefined never expires. */
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
  /** Until when the secret before the last rotation is good too. */
  readonly previousUntil: number | undefined;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name ?? undefined,
    start: row.start,
    scopes: scopesOf(row.scopes),
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    previousUntil: row.previous_until ?? undefined,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Whether it can still be used: neither revoked nor past its end. `now` is epoch ms. */
export function isAlive({ revoked_at, expires_at }: ApiKeyRow, now: number): boolean {
  return revoked_at === null && (expires_at === null || expires_at > now);
}

import type { Generated } from "kysely";

/** Every table, by name. Times are epoch ms; yes and no are 1 and 0; lists and objects are JSON text. */
export interface Tables {
  accounts: AccountRow;
  api_keys: ApiKeyRow;
  tokens: TokenRow;
  overrides: OverrideRow;
  suspensions: SuspensionRow;
  settings: SettingRow;
  audit: AuditRow;
  audit_head: AuditHeadRow;
}

export interface AccountRow {
  /** `acc_…` */
  id: string;
  name: string;
  /** The name as it is compared (NFKC, lower case); unique. */
  name_key: string;
  plan: string | null;
  /** 1 when created, one more with every update. */
  version: number;
  created_at: number;
  updated_at: number;
}

export interface ApiKeyRow {
  /** `key_…` */
  id: string;
  account_id: string;
  name: string | null;
  /** The first characters of the secret, for people to tell keys apart. */
  start: string;
  /** SHA-256 of the secret, base64; unique. */
  secret_hash: string;
  /** Of the secret before the last rotation, which is good until `previous_until`. */
  previous_hash: string | null;
  previous_until: number | null;
  /** A JSON array. */
  scopes: string;
  expires_at: number | null;
  revoked_at: number | null;
  version: number;
  created_at: number;
  updated_at: number;
}

export interface TokenRow {
  /** `tok_…` */
  id: string;
  account_id: string;
  /** The key it was minted from; a token dies with its key. */
  key_id: string;
  kind: "access" | "widget";
  start: string;
  secret_hash: string;
  scopes: string;
  expires_at: number;
  revoked_at: number | null;
  version: number;
  created_at: number;
  updated_at: number;
}

export interface OverrideRow {
  /** `ovr_…` */
  id: string;
  /** Whose: an account or a key. With `limit_name` unique. */
  subject_type: "account" | "key";
  subject_id: string;
  limit_name: string;
  /** One of the three: a number, a factor, or none at all. */
  quota: number | null;
  factor: number | null;
  is_unlimited: 0 | 1;
  expires_at: number | null;
  reason: string | null;
  version: number;
  created_at: number;
  updated_at: number;
}

export interface SuspensionRow {
  /** `sus_…` */
  id: string;
  /** The caller that is refused: `account`, `api-key`, `token` or `ip`, and its id or address. */
  caller: string;
  value: string;
  reason: string;
  /** Null: until lifted. */
  ends_at: number | null;
  lifted_at: number | null;
  version: number;
  created_at: number;
  updated_at: number;
}

export interface SettingRow {
  name: string;
  value: string;
}

/** The record of every change; see the audit of `packages/control`. */
export interface AuditRow {
  /** 1, 2, 3 … in the order of the commits, without gaps. */
  seq: number;
  time: number;
  actor: string;
  /** `account.created`, `key.revoked` … */
  action: string;
  subject_type: string;
  subject_id: string;
  before: string | null;
  after: string | null;
  /** SHA-256, hex, over the hash before it, `seq`, and the entry's content. */
  hash: string;
}

/** One row: the last entry's `seq` and `hash`. Writing it is what puts entries in order. */
export interface AuditHeadRow {
  id: Generated<number>;
  seq: number;
  hash: string;
}

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
  event_heads: EventHeadRow;
  events: EventRow;
  event_keys: EventKeyRow;
  idempotency_keys: IdempotencyKeyRow;
  buckets: BucketRow;
  webhooks: WebhookRow;
  webhook_messages: WebhookMessageRow;
  deliveries: DeliveryRow;
  delivery_attempts: DeliveryAttemptRow;
  webhook_replays: WebhookReplayRow;
  exports: ExportRow;
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
  /** A widget token shows only what this actor did, or what was done to this target; null shows all the account's. */
  actor: string | null;
  target: string | null;
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

/** One row an account: where its chain of events ends, and where retention has cut it off. */
export interface EventHeadRow {
  account_id: string;
  /** Of the last event; 0 before the first. */
  seq: number;
  hash: string;
  /** Of the last event that retention removed; 0 where it removed none. The chain goes on from its hash. */
  pruned_seq: number;
  pruned_hash: string;
}

/** Never changed once written. `account_id` and `seq` are the primary key. */
export interface EventRow {
  account_id: string;
  /** 1, 2, 3 … within the account, in the order of the commits, without gaps. */
  seq: number;
  /** `evt_…`; unique. */
  id: string;
  type: string;
  actor_id: string | null;
  actor_name: string | null;
  target_id: string | null;
  target_type: string | null;
  target_name: string | null;
  /** When it happened, as the caller says. */
  time: number;
  received_at: number;
  /** A JSON text, byte for byte as it was sent. */
  metadata: string | null;
  /** SHA-256, hex, over the hash before it, `seq`, and the event's content. */
  hash: string;
}

/** The `idempotency_key` of one event. `account_id` and `key` are the primary key. */
export interface EventKeyRow {
  account_id: string;
  key: string;
  event_id: string;
  /** SHA-256 of what was sent with it. */
  fingerprint: string;
  expires_at: number;
}

/** The `Idempotency-Key` of one request. `account_id`, `key_id` and `key` are the primary key. */
export interface IdempotencyKeyRow {
  account_id: string;
  /** The API key that asked. */
  key_id: string;
  key: string;
  fingerprint: string;
  status: number;
  /** What was answered: JSON text. */
  answer: string;
  expires_at: number;
}

/** Initial State's containers of events. `account_id` and `key` are the primary key. */
export interface BucketRow {
  account_id: string;
  key: string;
  name: string;
  created_at: number;
}

export interface WebhookRow {
  /** `whk_…` */
  id: string;
  account_id: string;
  url: string;
  /** What it is told of: a JSON array such as `["event.created"]`. */
  types: string;
  is_batch: 0 | 1;
  description: string | null;
  /** `whsec_…` */
  secret: string;
  /** Signs too until `previous_until`, while the receiver takes up the new one. */
  previous_secret: string | null;
  previous_until: number | null;
  disabled_at: number | null;
  disabled_reason: "owner" | "operator" | "gone" | "failing" | null;
  /** When the row of failures began that goes on; null after a success. */
  failing_since: number | null;
  /** Events of the account up to this one have their deliveries. */
  cursor_seq: number;
  /** The process that delivers for it now, and until when that holds unless it says so again. */
  lease_owner: string | null;
  lease_until: number;
  version: number;
  created_at: number;
  updated_at: number;
}

/** What webhooks are told of besides events. */
export interface WebhookMessageRow {
  /** `msg_…` */
  id: string;
  account_id: string;
  type: string;
  /** The body as it is sent. */
  payload: string;
  created_at: number;
}

/** One message to one webhook. `webhook_id` and `message_id` are the primary key. */
export interface DeliveryRow {
  webhook_id: string;
  message_id: string;
  account_id: string;
  type: string;
  /** The events it tells of; null where `webhook_messages` has the body. */
  first_seq: number | null;
  last_seq: number | null;
  state: "pending" | "delivered" | "failed" | "skipped";
  attempts: number;
  /** Attempts that failed since it was made, or was last asked for again: the schedule goes by these. */
  failures: number;
  /** When to try next, while pending. */
  due_at: number;
  created_at: number;
  finished_at: number | null;
  /** Why it was skipped, in words. */
  reason: string | null;
}

/** `webhook_id`, `message_id` and `number` are the primary key. */
export interface DeliveryAttemptRow {
  webhook_id: string;
  message_id: string;
  /** 1, 2, 3 … */
  number: number;
  at: number;
  duration_ms: number;
  /** What the receiver answered; null where it did not. */
  status: number | null;
  /** Why it failed, in words. */
  error: string | null;
  /** How the answer began. */
  response: string | null;
}

/** Events that a webhook is to be told of once more. `webhook_id` and `id` are the primary key. */
export interface WebhookReplayRow {
  webhook_id: string;
  /** In the order in which they were asked for. */
  id: string;
  /** Events up to this one have their deliveries again; it ends with `upto_seq`. */
  at_seq: number;
  upto_seq: number;
  created_at: number;
}

export interface ExportRow {
  /** `exp_…` */
  id: string;
  account_id: string;
  format: "ndjson" | "csv";
  /** Which events: a JSON object. */
  filter: string;
  state: "queued" | "running" | "completed" | "failed";
  /** Events after this one, the last that retention had removed when the export was asked for … */
  after_seq: number;
  /** … up to this one, which was the account's last then. */
  upto_seq: number;
  /** How far it has come: events up to `at_seq` have been looked at, `events` of them are in the file's first `bytes`. */
  at_seq: number;
  events: number;
  bytes: number;
  error: string | null;
  lease_owner: string | null;
  lease_until: number;
  created_at: number;
  updated_at: number;
  completed_at: number | null;
  /** When its file is removed. */
  expires_at: number;
}

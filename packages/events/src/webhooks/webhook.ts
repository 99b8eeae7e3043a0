import type { WebhookRow } from "@headgate/storage";

/** What a webhook can be told of. */
export const MESSAGE_TYPES = [
  "event.created",
  "export.completed",
  "limit.approaching",
  "limit.exceeded",
  "account.suspended",
] as const;

export type MessageType = (typeof MESSAGE_TYPES)[number];

/** Where an account wants to be told of what happens, and of what. Times are epoch ms. */
export interface Webhook {
  /** `whk_…` */
  readonly id: string;
  readonly accountId: string;
  readonly url: string;
  readonly types: readonly MessageType[];
  /** Whether it takes events in groups. */
  readonly isBatch: boolean;
  readonly description: string | undefined;
  /** `whsec_…` */
  readonly secret: string;
  /** Signs too until `previousUntil`. */
  readonly previousSecret: string | undefined;
  readonly previousUntil: number | undefined;
  /** Undefined while it is enabled. */
  readonly disabledAt: number | undefined;
  readonly disabledReason: "owner" | "operator" | "gone" | "failing" | undefined;
  /** When the row of failures began that goes on; undefined after a success. */
  readonly failingSince: number | undefined;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function webhookOf(row: WebhookRow): Webhook {
  return {
    id: row.id,
    accountId: row.account_id,
    url: row.url,
    types: JSON.parse(row.types) as MessageType[],
    isBatch: row.is_batch === 1,
    description: row.description ?? undefined,
    secret: row.secret,
    previousSecret: row.previous_secret ?? undefined,
    previousUntil: row.previous_until ?? undefined,
    disabledAt: row.disabled_at ?? undefined,
    disabledReason: row.disabled_reason ?? undefined,
    failingSince: row.failing_since ?? undefined,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

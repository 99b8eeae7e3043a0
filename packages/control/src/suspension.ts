import type { SuspensionRow } from "@headgate/storage";

/** A caller that is refused for a time, or until lifted. */
export interface Suspension {
  /** `sus_…` */
  readonly id: string;
  /** Which caller: `account`, `api-key`, `token` or `ip`. */
  readonly caller: SuspendableCaller;
  /** The account's, key's or token's id, or the address as it is counted. */
  readonly value: string;
  readonly reason: string;
  /** Epoch ms; undefined lasts until it is lifted. */
  readonly endsAt: number | undefined;
  readonly liftedAt: number | undefined;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type SuspendableCaller = "account" | "api-key" | "token" | "ip";

export function suspensionOf(row: SuspensionRow): Suspension {
  return {
    id: row.id,
    caller: row.caller as SuspendableCaller,
    value: row.value,
    reason: row.reason,
    endsAt: row.ends_at ?? undefined,
    liftedAt: row.lifted_at ?? undefined,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Whether the caller is refused. `now` is epoch ms. */
export function isActive({ endsAt, liftedAt }: Pick<Suspension, "endsAt" | "liftedAt">, now: number): boolean {
  return liftedAt === undefined && (endsAt === undefined || endsAt > now);
}

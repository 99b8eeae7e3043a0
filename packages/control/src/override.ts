import type { QuotaOverride } from "@headgate/policy";
import type { OverrideRow } from "@headgate/storage";

/** An exception for one caller from one limit. */
export interface Override {
  /** `ovr_…` */
  readonly id: string;
  /** Whose it is. A key's comes before its account's. */
  readonly subject: { readonly type: "account" | "key"; readonly id: string };
  /** The limit's name. */
  readonly limit: string;
  readonly change: QuotaOverride;
  /** Epoch ms; undefined holds until it is removed. */
  readonly expiresAt: number | undefined;
  readonly reason: string | undefined;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function overrideOf(row: OverrideRow): Override {
  return {
    id: row.id,
    subject: { type: row.subject_type, id: row.subject_id },
    limit: row.limit_name,
    change: changeOf(row),
    expiresAt: row.expires_at ?? undefined,
    reason: row.reason ?? undefined,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The one of the three that the row says. */
export function changeOf({ quota, factor }: OverrideRow): QuotaOverride {
  if (quota !== null) return { kind: "quota", quota };
  return factor === null ? { kind: "unlimited" } : { kind: "factor", factor };
}

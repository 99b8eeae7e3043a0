import type { AccountRow } from "@headgate/storage";

/** A customer: who has keys, a plan, and a name. */
export interface Account {
  /** `acc_…` */
  readonly id: string;
  readonly name: string;
  /** A plan of the policy; undefined has the policy's own quotas. */
  readonly plan: string | undefined;
  /** 1 when created, one more with every update. */
  readonly version: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function accountOf(row: AccountRow): Account {
  return {
    id: row.id,
    name: row.name,
    plan: row.plan ?? undefined,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

import type { Storage } from "@headgate/storage";
import { faultOfOverride, faultOfPlan, type PolicyOutline } from "./policy-outline.ts";

/** Records that a policy does nothing for, or not what they say. */
export interface Stray {
  /** What of the policy they name: the plan of accounts, or the limit of overrides. */
  readonly of: "plan" | "limit";
  readonly name: string;
  /** How many accounts or overrides. */
  readonly records: number;
  /** What is wrong with the name, as `is none of the policy's: …`. */
  readonly reason: string;
}

/** The plans and overrides on record that do not fit a policy. `now` is epoch ms. Rejects with `HG_STORAGE_…`. */
export async function straysOf(storage: Storage, policy: PolicyOutline, now: number): Promise<Stray[]> {
  const { build } = storage;
  const plans = build
    .selectFrom("accounts")
    .select(({ fn }) => ["plan", fn.countAll().as("records")])
    .where("plan", "is not", null)
    .groupBy("plan");
  const overrides = build
    .selectFrom("overrides")
    .select(({ fn }) => ["limit_name", "is_unlimited", fn.countAll().as("records")])
    .where(({ eb, or }) => or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
    .groupBy(["limit_name", "is_unlimited"]);
  const [planRows, overrideRows] = await Promise.all([
    storage.read(plans.compile()),
    storage.read(overrides.compile()),
  ]);

  const strays: Stray[] = [];
  for (const { plan, records } of planRows) {
    const reason = plan === null ? undefined : faultOfPlan(policy, plan);
    if (plan !== null && reason !== undefined)
      strays.push({ of: "plan", name: plan, records: Number(records), reason });
  }
  for (const { limit_name: name, is_unlimited, records } of overrideRows) {
    const reason = faultOfOverride(policy, name, is_unlimited === 1);
    if (reason !== undefined) strays.push({ of: "limit", name, records: Number(records), reason });
  }
  return strays;
}

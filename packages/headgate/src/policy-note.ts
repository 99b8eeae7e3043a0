import { type Control, outlineOf, type PolicyOutline, straysOf } from "@headgate/control";
import type { GatewayLog } from "@headgate/gateway";
import type { Policy } from "@headgate/policy";

const NAME = "policy";

/** Notes what the record looks at of the policy being served, for when it is changed while no server runs. */
export async function notePolicy({ storage }: Control, policy: Policy): Promise<void> {
  const value = JSON.stringify(outlineOf(policy));
  const { sql, parameters } = storage.build
    .insertInto("settings")
    .values({ name: NAME, value })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
    .compile();
  await storage.write([{ sql, parameters: parameters as string[] }]);
}

/** What the last server on these records noted; undefined where there was none. */
export async function notedPolicy({ storage }: Control): Promise<PolicyOutline | undefined> {
  const query = storage.build.selectFrom("settings").select("value").where("name", "=", NAME).compile();
  const [row] = await storage.read(query);
  return row && (JSON.parse(row.value) as PolicyOutline);
}

/** Warns of what is on record and does not fit the policy being served: accounts' plans, and overrides. */
export async function warnOfStrays(
  { storage }: Control,
  policy: Policy,
  { clock, log }: { readonly clock: () => number; readonly log: GatewayLog },
): Promise<void> {
  for (const { of, name, records, reason } of await straysOf(storage, outlineOf(policy), clock())) {
    if (of === "plan") log.warn("plan-unknown", { plan: name, accounts: records, reason });
    else log.warn("override-unfit", { limit: name, overrides: records, reason });
  }
}

import { straysOf } from "@headgate/control";
import { expect, test } from "vitest";
import { outlined } from "./admin/rig.ts";
import { HOUR_MS, START, startRig } from "./rig.ts";

const POLICY = outlined(`
callers: { api-key: { bearer: true } }
credentials: managed
limits:
  - { name: calls, per: api-key, quota: 5, window: 1m, plans: { pro: { quota: 9 } } }
  - { name: ceiling, per: ip, quota: 50, window: 1m }`);

test("plans and overrides that a policy does nothing for are found, and how many there are", async () => {
  const { control, time } = await startRig();
  const { accounts, overrides, storage } = control;
  for (const [name, plan] of [["a", "pro"], ["b", "gold"], ["c", "gold"], ["d"]] as const) {
    const { id } = await accounts.create({ name, plan }, "admin");
    const subject = { type: "account", id } as const;
    const quota = { kind: "quota", quota: 7 } as const;
    await overrides.set({ subject, limit: "calls", change: quota }, "admin");
    await overrides.set({ subject, limit: "old", change: quota, expiresAt: START + HOUR_MS }, "admin");
  }
  const [first, second] = (await accounts.list()).items;
  const subjectOf = (id = "") => ({ type: "account", id }) as const;
  const onCeiling = { limit: "ceiling", subject: subjectOf(first?.id) };
  await overrides.set({ ...onCeiling, change: { kind: "factor", factor: 2 } }, "admin");
  await overrides.set({ ...onCeiling, subject: subjectOf(second?.id), change: { kind: "unlimited" } }, "admin");

  const plan = { of: "plan", name: "gold", records: 2, reason: "is none of the policy's: pro" };
  const shared = { of: "limit", name: "ceiling", records: 1, reason: expect.stringContaining("counts by ip") };
  const old = { of: "limit", name: "old", records: 4, reason: "is none of the policy's: calls, ceiling" };
  const found = await straysOf(storage, POLICY, time.now);
  expect(found).toHaveLength(3);
  expect(found).toEqual(expect.arrayContaining([plan, shared, old]));
  expect(await straysOf(storage, POLICY, START + HOUR_MS)).toHaveLength(2);
});

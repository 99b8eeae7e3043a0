import { describe, expect, test } from "vitest";
import { actionsOf, HOUR_MS, keyOnRecord, refusalOf, START, startRig } from "./rig.ts";

const PLENTY = { kind: "quota", quota: 1000 } as const;

describe("an override", () => {
  test("holds from the moment it is answered, for the account's keys and tokens", async () => {
    const { control, reopen } = await startRig();
    const { account, key, secret } = await keyOnRecord(control);
    const minted = await control.tokens.mint(
      { keyId: key.id, kind: "access", prefix: "", lifetimeMs: HOUR_MS },
      "admin",
    );
    const subject = { type: "account", id: account.id } as const;
    const override = await control.overrides.set(
      { subject, limit: "writes", change: PLENTY, reason: "moves" },
      "admin",
    );
    expect(override).toMatchObject({ subject, limit: "writes", change: PLENTY, reason: "moves", version: 1 });
    for (const { directory } of [control, await reopen()]) {
      for (const presented of [secret, minted.secret]) {
        const overrides = directory.identify(presented, START)?.overrides;
        expect(overrides?.of("writes", START)).toEqual(PLENTY);
        expect(overrides?.of("reads", START)).toBeUndefined();
      }
    }
  });

  test("of a key comes before its account's, until it expires", async () => {
    const { control } = await startRig();
    const { account, key, secret } = await keyOnRecord(control);
    await control.overrides.set(
      { subject: { type: "account", id: account.id }, limit: "writes", change: PLENTY },
      "admin",
    );
    const subject = { type: "key", id: key.id } as const;
    const double = { kind: "factor", factor: 2 } as const;
    await control.overrides.set({ subject, limit: "writes", change: double, expiresAt: START + 10 }, "admin");
    const overrides = control.directory.identify(secret, START)?.overrides;
    expect(overrides?.of("writes", START + 9)).toEqual(double);
    expect(overrides?.of("writes", START + 10)).toEqual(PLENTY);
  });

  test("replaces the one there is, which keeps its id, and both are in the audit", async () => {
    const { control } = await startRig();
    const { account } = await keyOnRecord(control);
    const subject = { type: "account", id: account.id } as const;
    const first = await control.overrides.set({ subject, limit: "writes", change: PLENTY }, "admin");
    const second = await control.overrides.set({ subject, limit: "writes", change: { kind: "unlimited" } }, "admin");
    expect(second).toMatchObject({ id: first.id, change: { kind: "unlimited" }, version: 2 });
    expect((await control.overrides.list({ subjectId: account.id })).items).toEqual([second]);
    expect((await control.audit.list({ subjectId: first.id })).items[0]).toMatchObject({
      action: "override.set",
      before: { quota: 1000, unlimited: false },
      after: { quota: null, unlimited: true },
    });
  });

  test("that two set at once is one in the end, with both in the audit", async () => {
    const { control } = await startRig();
    const { account } = await keyOnRecord(control);
    const subject = { type: "account", id: account.id } as const;
    const quotas = [1, 2, 3, 4];
    await Promise.all(
      quotas.map((quota) => control.overrides.set({ subject, limit: "a", change: { kind: "quota", quota } }, "admin")),
    );
    const { items } = await control.overrides.list();
    expect(items).toHaveLength(1);
    expect(items[0]?.version).toBe(4);
    expect((await actionsOf(control)).filter((action) => action === "override.set")).toHaveLength(4);
  });

  test("that is removed holds no more, and another can take its place", async () => {
    const { control } = await startRig();
    const { account, secret } = await keyOnRecord(control);
    const fields = { subject: { type: "account", id: account.id }, limit: "writes", change: PLENTY } as const;
    const { id } = await control.overrides.set(fields, "admin");
    expect(await refusalOf(control.overrides.remove(id, "admin", { ifVersion: 2 }))).toMatch(/^HG_VERSION_CONFLICT /);
    await control.overrides.remove(id, "admin", { ifVersion: 1 });
    expect(control.directory.identify(secret, START)?.overrides).toBeUndefined();
    expect(await refusalOf(control.overrides.get(id))).toMatch(/^HG_OVERRIDE_UNKNOWN /);
    expect(await refusalOf(control.overrides.remove(id, "admin"))).toMatch(/^HG_OVERRIDE_UNKNOWN /);
    const next = await control.overrides.set(fields, "admin");
    expect(next.id).not.toBe(id);
    expect(control.directory.identify(secret, START)?.overrides?.of("writes", START)).toEqual(PLENTY);
  });

  test("says one thing that can be, of a limit that can be, for somebody who is on record", async () => {
    const { control } = await startRig();
    const { account, key } = await keyOnRecord(control);
    const subject = { type: "account", id: account.id } as const;
    const set = (fields: object): Promise<string> =>
      refusalOf(control.overrides.set({ subject, limit: "writes", change: PLENTY, ...fields }, "admin"));
    for (const quota of [0, -1, 1.5, 2 ** 40 + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await set({ change: { kind: "quota", quota } })).toMatch(/^HG_OVERRIDE_INVALID /);
    }
    for (const factor of [0, -1, 1e6 + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await set({ change: { kind: "factor", factor } })).toMatch(/^HG_OVERRIDE_INVALID /);
    }
    for (const limit of ["", "a b", "x".repeat(65), "'; drop table overrides; --"]) {
      expect(await set({ limit })).toMatch(/^HG_OVERRIDE_INVALID /);
    }
    expect(await set({ reason: "" })).toMatch(/^HG_REASON_INVALID /);
    expect(await set({ expiresAt: START })).toMatch(/^HG_LIFETIME_INVALID /);
    expect(await set({ subject: { type: "account", id: key.id } })).toMatch(/^HG_ACCOUNT_UNKNOWN /);
    expect(await set({ subject: { type: "key", id: account.id } })).toMatch(/^HG_KEY_UNKNOWN /);
    await control.keys.revoke(key.id, "admin");
    expect(await set({ subject: { type: "key", id: key.id } })).toMatch(/^HG_KEY_REVOKED /);
    expect((await control.overrides.list()).items).toEqual([]);
  });

  test("meant for a version that there is not is not set", async () => {
    const { control } = await startRig();
    const { account } = await keyOnRecord(control);
    const fields = { subject: { type: "account", id: account.id }, limit: "writes", change: PLENTY } as const;
    expect(await refusalOf(control.overrides.set(fields, "admin", { ifVersion: 1 }))).toMatch(/^HG_VERSION_CONFLICT /);
    await control.overrides.set(fields, "admin");
    expect(await control.overrides.set(fields, "admin", { ifVersion: 1 })).toMatchObject({ version: 2 });
  });
});

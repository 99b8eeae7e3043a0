import { describe, expect, test } from "vitest";
import { actionsOf, HOUR_MS, keyOnRecord, refusalOf, START, startRig } from "./rig.ts";

describe("a suspension", () => {
  test("holds from the moment it is answered until it ends", async () => {
    const { control, reopen } = await startRig();
    const { account } = await keyOnRecord(control);
    const fields = { caller: "account", value: account.id, reason: "abuse", endsAt: START + HOUR_MS } as const;
    const suspension = await control.suspensions.suspend(fields, "policy");
    expect(suspension).toMatchObject({ ...fields, liftedAt: undefined, version: 1 });
    for (const { directory } of [control, await reopen()]) {
      const callers = { account: account.id, ip: "192.0.2.1" };
      expect(directory.suspensionOf(callers, START + HOUR_MS - 1)).toEqual(suspension);
      expect(directory.suspensionOf(callers, START + HOUR_MS)).toBeUndefined();
      expect(directory.suspensionOf({ ip: account.id }, START)).toBeUndefined();
      expect(directory.suspensionOf({}, START)).toBeUndefined();
    }
  });

  test("is lifted once, and then it is over", async () => {
    const { control, time, reopen } = await startRig();
    const { account } = await keyOnRecord(control);
    const fields = { caller: "account", value: account.id, reason: "abuse" } as const;
    const { id } = await control.suspensions.suspend(fields, "policy");
    time.now += 5;
    expect(await control.suspensions.lift(id, "admin")).toMatchObject({ liftedAt: START + 5, version: 2 });
    for (const { directory } of [control, await reopen()]) {
      expect(directory.suspensionOf({ account: account.id }, START)).toBeUndefined();
    }
    const again = await reopen();
    expect(await refusalOf(again.suspensions.lift(id, "admin"))).toMatch(/^HG_SUSPENSION_OVER /);
    expect(await actionsOf(again)).toEqual([
      "account.created",
      "key.created",
      "suspension.started",
      "suspension.lifted",
    ]);
  });

  test("that has ended cannot be lifted, and another begins anew", async () => {
    const { control, time, tick } = await startRig();
    const fields = { caller: "ip", value: "192.0.2.1", reason: "abuse" } as const;
    const first = await control.suspensions.suspend({ ...fields, endsAt: START + 10 }, "policy");
    time.now += 10;
    tick();
    expect(control.directory.counts.suspensions).toBe(0);
    expect(await refusalOf(control.suspensions.lift(first.id, "admin"))).toMatch(/^HG_SUSPENSION_OVER /);
    const second = await control.suspensions.suspend({ ...fields, endsAt: START + 20 }, "policy");
    expect(second.id).not.toBe(first.id);
    expect((await control.suspensions.list({ active: true })).items).toEqual([second]);
    expect((await control.suspensions.list({ active: false })).items).toEqual([first]);
    expect((await control.suspensions.list()).items).toEqual([first, second]);
  });

  test("of a caller who is suspended already becomes longer, never shorter, and takes the new reason", async () => {
    const { control } = await startRig();
    const fields = { caller: "ip", value: "2001:db8::/64" } as const;
    const suspend = (reason: string, endsAt: number | undefined): Promise<unknown> =>
      control.suspensions.suspend({ ...fields, reason, endsAt }, "policy");
    await suspend("first", START + 10);
    expect(await suspend("longer", START + 20)).toMatchObject({ reason: "longer", endsAt: START + 20, version: 2 });
    expect(await suspend("shorter", START + 15)).toMatchObject({ reason: "shorter", endsAt: START + 20, version: 3 });
    expect(await suspend("for good", undefined)).toMatchObject({ reason: "for good", endsAt: undefined, version: 4 });
    expect(await suspend("short", START + 1)).toMatchObject({ endsAt: undefined, version: 5 });
    expect((await control.suspensions.list()).items).toHaveLength(1);
    expect((await actionsOf(control)).slice(0, 2)).toEqual(["suspension.started", "suspension.extended"]);
  });

  test("that many begin at once is one, of the longest", async () => {
    const { control } = await startRig();
    const ends = [5, 9, 7, 3, 8].map((ms) => START + ms);
    await Promise.all(
      ends.map((endsAt) => control.suspensions.suspend({ caller: "ip", value: "a", reason: "r", endsAt }, "policy")),
    );
    const { items } = await control.suspensions.list({ active: true });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ endsAt: START + 9, version: 5 });
    expect(control.directory.suspensionOf({ ip: "a" }, START)).toEqual(items[0]);
  });

  test("of several that a request is under is the one that lasts longest", async () => {
    const { control } = await startRig();
    const { account, key } = await keyOnRecord(control);
    const suspend = (
      caller: "account" | "api-key" | "ip",
      value: string,
      endsAt: number | undefined,
    ): Promise<unknown> => control.suspensions.suspend({ caller, value, reason: caller, endsAt }, "admin");
    await suspend("ip", "192.0.2.1", START + 10);
    await suspend("account", account.id, START + 30);
    const callers = { ip: "192.0.2.1", account: account.id, "api-key": key.id };
    expect(control.directory.suspensionOf(callers, START)?.reason).toBe("account");
    await suspend("api-key", key.id, undefined);
    expect(control.directory.suspensionOf(callers, START)?.reason).toBe("api-key");
  });

  test("needs a caller that is on record, a reason and an end to come", async () => {
    const { control } = await startRig();
    const { account, key } = await keyOnRecord(control);
    const suspend = (fields: object): Promise<string> =>
      refusalOf(control.suspensions.suspend({ caller: "account", value: account.id, reason: "r", ...fields }, "admin"));
    expect(await suspend({ value: key.id })).toMatch(/^HG_ACCOUNT_UNKNOWN /);
    expect(await suspend({ caller: "api-key" })).toMatch(/^HG_KEY_UNKNOWN /);
    expect(await suspend({ caller: "token" })).toMatch(/^HG_TOKEN_UNKNOWN /);
    expect(await suspend({ caller: "ip", value: "" })).toMatch(/^HG_SUSPENSION_INVALID /);
    expect(await suspend({ caller: "ip", value: "1\0" })).toMatch(/^HG_SUSPENSION_INVALID /);
    expect(await suspend({ reason: "" })).toMatch(/^HG_REASON_INVALID /);
    expect(await suspend({ endsAt: START })).toMatch(/^HG_LIFETIME_INVALID /);
    expect(await refusalOf(control.suspensions.lift("sus_x", "admin"))).toMatch(/^HG_SUSPENSION_UNKNOWN /);
  });

  test("is not lifted by who has seen an older version of it", async () => {
    const { control } = await startRig();
    const fields = { caller: "ip", value: "a", reason: "r" } as const;
    const { id } = await control.suspensions.suspend(fields, "policy");
    await control.suspensions.suspend(fields, "policy");
    expect(await refusalOf(control.suspensions.lift(id, "admin", { ifVersion: 1 }))).toMatch(/^HG_VERSION_CONFLICT /);
    expect(control.directory.suspensionOf({ ip: "a" }, START)).toBeDefined();
  });
});

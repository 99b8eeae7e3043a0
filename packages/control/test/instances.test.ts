import { type Control, openControl } from "@headgate/control";
import { openStorage } from "@headgate/storage";
import { startPostgres, startPostgresServer } from "@headgate/storage/testing";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { closeAll, HOUR_MS, keyOnRecord, refusalOf, START } from "./rig.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

const SECOND = { timeout: 1_000, interval: 5 };
const EVENTUALLY = { timeout: 15_000, interval: 10 };

/** Neither looks for others' changes by a timer: it is told of them, or not at all. */
const noTimer = () => () => {};

async function open(databaseUrl: string, every?: typeof noTimer): Promise<Control> {
  const storage = await openStorage({ folder: "/nowhere", databaseUrl });
  const log = { info() {}, warn() {}, error() {} };
  const control = await openControl({ storage, clock: () => START, log, every });
  onTestFinished(() => closeAll(control));
  return control;
}

async function openTwo(every?: typeof noTimer): Promise<[Control, Control, string]> {
  const databaseUrl = (await postgres?.createDatabase()) ?? "";
  return [await open(databaseUrl, every), await open(databaseUrl, every), databaseUrl];
}

describe.skipIf(postgres === undefined)("two instances on one PostgreSQL", () => {
  test("know each other's keys, and no more once they are revoked, within a second", async () => {
    const [one, other] = await openTwo(noTimer);
    const { key, secret } = await keyOnRecord(one);
    await expect.poll(() => other.directory.identify(secret, START)?.id, SECOND).toBe(key.id);
    await other.keys.revoke(key.id, "admin");
    expect(other.directory.identify(secret, START)).toBeUndefined();
    await expect.poll(() => one.directory.identify(secret, START), SECOND).toBeUndefined();
  });

  test("know each other's plans, tokens, overrides and suspensions, set and taken away", async () => {
    const [one, other] = await openTwo();
    const { account, key, secret } = await keyOnRecord(one);
    const fields = { keyId: key.id, kind: "access", prefix: "", lifetimeMs: HOUR_MS } as const;
    const minted = await one.tokens.mint(fields, "admin");
    await one.accounts.update(account.id, { plan: "pro" }, "admin");
    const override = await one.overrides.set(
      { subject: { type: "account", id: account.id }, limit: "writes", change: { kind: "unlimited" } },
      "admin",
    );
    const suspension = await one.suspensions.suspend({ caller: "ip", value: "a", reason: "r" }, "policy");
    await expect.poll(() => other.directory.suspensionOf({ ip: "a" }, START), SECOND).toEqual(suspension);
    const identity = other.directory.identify(minted.secret, START);
    expect(identity).toMatchObject({ id: minted.token.id, plan: "pro" });
    expect(identity?.overrides?.of("writes", START)).toEqual({ kind: "unlimited" });

    await one.overrides.remove(override.id, "admin");
    await one.tokens.revoke(minted.token.id, "admin");
    await one.suspensions.lift(suspension.id, "admin");
    await expect.poll(() => other.directory.suspensionOf({ ip: "a" }, START), SECOND).toBeUndefined();
    expect(other.directory.identify(minted.secret, START)).toBeUndefined();
    expect(other.directory.identify(secret, START)).toMatchObject({ overrides: undefined });
  });

  test("that change the same things at the same time agree, and the audit is whole", async () => {
    const [one, other, databaseUrl] = await openTwo();
    const { account, key, secret } = await keyOnRecord(one);
    const both = [one, other, one, other, one, other];
    const subject = { type: "account", id: account.id } as const;
    await Promise.all(
      both.flatMap((control, i) => [
        control.accounts.update(account.id, { plan: `plan-${i}` }, "admin"),
        control.keys.update(key.id, { name: `name ${i}` }, "admin"),
        control.overrides.set({ subject, limit: "a", change: { kind: "quota", quota: i + 1 } }, "admin"),
        control.suspensions.suspend({ caller: "ip", value: "a", reason: `r${i}`, endsAt: START + 1 + i }, "policy"),
        control.accounts.create({ name: "One of a kind" }, "admin").catch((error: unknown) => error),
      ]),
    );
    const seenBy = ({ directory }: Control): unknown => {
      const identity = directory.identify(secret, START);
      const { overrides, ...rest } = identity ?? { overrides: undefined };
      return [rest, overrides?.of("a", START), directory.suspensionOf({ ip: "a" }, START), directory.counts];
    };
    const truth = seenBy(await open(databaseUrl));
    for (const control of [one, other]) await expect.poll(() => seenBy(control), EVENTUALLY).toEqual(truth);
    expect(await one.suspensions.list({ active: true })).toMatchObject({ items: [{ endsAt: START + 6, version: 6 }] });
    expect((await one.accounts.list()).items).toHaveLength(2);
    expect((await one.keys.get(key.id)).version).toBe(7);
    expect(await other.audit.verify()).toMatchObject({ isValid: true, entries: 2 + 4 * both.length + 1 });
  });

  test("that each make and revoke many keys know all that are left", async () => {
    const [one, other] = await openTwo();
    const { account } = await keyOnRecord(one);
    const make = async (control: Control, i: number): Promise<{ secret: string; isRevoked: boolean }> => {
      const { key, secret } = await control.keys.create({ accountId: account.id, prefix: "" }, "admin");
      if (i % 2 === 0) await control.keys.revoke(key.id, "admin");
      return { secret, isRevoked: i % 2 === 0 };
    };
    const made = await Promise.all(Array.from({ length: 300 }, (_, i) => make(i % 3 === 0 ? one : other, i)));
    for (const { directory } of [one, other]) {
      const wrong = (): unknown =>
        made.filter(({ secret, isRevoked }) => (directory.identify(secret, START) === undefined) !== isRevoked);
      await expect.poll(wrong, EVENTUALLY).toEqual([]);
      expect(directory.counts.keys).toBe(151);
    }
  });
});

const server = await startPostgresServer();
afterAll(() => server?.stop());

describe.skipIf(server === undefined)("with the database away", () => {
  test("who was known stays known; nothing can be changed; what was missed arrives when it is back", async () => {
    const url = server?.url ?? "";
    const [one, other] = [await open(url), await open(url)];
    const { account, key, secret } = await keyOnRecord(one);
    await expect.poll(() => other.directory.identify(secret, START), EVENTUALLY).toBeDefined();

    await server?.kill();
    await expect.poll(() => other.storage.health.isReachable, EVENTUALLY).toBe(false);
    expect(other.directory.identify(secret, START)).toMatchObject({ id: key.id, accountId: account.id });
    expect(await refusalOf(other.keys.revoke(key.id, "admin"))).toMatch(/^HG_STORAGE_UNREACHABLE /);

    await server?.restart();
    const revoke = (): Promise<unknown> => one.keys.revoke(key.id, "admin").catch(() => undefined);
    await expect.poll(revoke, EVENTUALLY).toBeDefined();
    await expect.poll(() => other.directory.identify(secret, START), EVENTUALLY).toBeUndefined();
    expect(other.storage.health.isReachable).toBe(true);
    expect((await other.audit.verify()).isValid).toBe(true);
  }, 60_000);
});

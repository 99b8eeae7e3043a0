import { describe, expect, test } from "vitest";
import { actionsOf, HOUR_MS, keyOnRecord, refusalOf, START, startRig } from "./rig.ts";

const NOBODY = "acc_01k5j8y3m2q4r6s8t0v2w4x6z8";

describe("a key", () => {
  test("is known from the moment it is answered, and by its account's plan", async () => {
    const { control } = await startRig();
    const { account, key, secret } = await keyOnRecord(control);
    expect(key).toMatchObject({
      accountId: account.id,
      scopes: ["read", "write"],
      version: 1,
      start: secret.slice(0, 10),
    });
    const before = control.directory.identify(secret, START);
    expect(before).toEqual({
      kind: "key",
      isWidget: false,
      widget: undefined,
      id: key.id,
      keyId: key.id,
      accountId: account.id,
      plan: undefined,
      scopes: ["read", "write"],
      overrides: undefined,
    });
    await control.accounts.update(account.id, { plan: "pro" }, "admin");
    expect(control.directory.identify(secret, START)?.plan).toBe("pro");
    expect(before?.plan).toBeUndefined();
  });

  test("has one identity for as long as nothing about it changes", async () => {
    const { control } = await startRig();
    const { key, secret } = await keyOnRecord(control);
    const identity = control.directory.identify(secret, START);
    expect(control.directory.identify(secret, START + 1)).toBe(identity);
    expect(Object.isFrozen(identity)).toBe(true);
    await control.keys.update(key.id, { scopes: ["read"] }, "admin");
    expect(control.directory.identify(secret, START)?.scopes).toEqual(["read"]);
  });

  test("is unknown from the moment its revocation is answered, for good", async () => {
    const { control, time, reopen } = await startRig();
    const { key, secret } = await keyOnRecord(control);
    time.now += 5;
    expect(await control.keys.revoke(key.id, "admin")).toMatchObject({ revokedAt: START + 5, version: 2 });
    expect(control.directory.identify(secret, time.now)).toBeUndefined();
    expect((await reopen()).directory.identify(secret, time.now)).toBeUndefined();
  });

  test("that is revoked already stays as it is, unless another version of it was meant", async () => {
    const { control, time } = await startRig();
    const { key } = await keyOnRecord(control);
    const revoked = await control.keys.revoke(key.id, "admin");
    time.now += 5;
    expect(await control.keys.revoke(key.id, "admin")).toEqual(revoked);
    expect(await refusalOf(control.keys.revoke(key.id, "admin", { ifVersion: 1 }))).toMatch(/^HG_VERSION_CONFLICT /);
    expect(await actionsOf(control)).toEqual(["account.created", "key.created", "key.revoked"]);
  });

  test("is good until it expires, and again when it is given a later end", async () => {
    const { control, time } = await startRig();
    const { key, secret } = await keyOnRecord(control, { expiresAt: START + HOUR_MS });
    expect(control.directory.identify(secret, START + HOUR_MS - 1)).toBeDefined();
    expect(control.directory.identify(secret, START + HOUR_MS)).toBeUndefined();
    time.now += 2 * HOUR_MS;
    await control.keys.update(key.id, { expiresAt: null }, "admin");
    expect(control.directory.identify(secret, time.now)).toBeDefined();
  });

  test("keeps its id, name and scopes when its secret is rotated; the old one is good until the overlap ends", async () => {
    const { control, time, reopen } = await startRig();
    const { key, secret: old } = await keyOnRecord(control, { scopes: ["read", "files:write"] });
    const { key: rotated, secret } = await control.keys.rotate(key.id, { prefix: "", overlapMs: HOUR_MS }, "admin");
    expect(rotated).toMatchObject({ id: key.id, scopes: key.scopes, previousUntil: START + HOUR_MS, version: 2 });
    for (const { directory } of [control, await reopen()]) {
      expect(directory.identify(secret, START)?.id).toBe(key.id);
      expect(directory.identify(old, START + HOUR_MS - 1)?.id).toBe(key.id);
      expect(directory.identify(old, START + HOUR_MS)).toBeUndefined();
      expect(directory.identify(secret, START + HOUR_MS)?.id).toBe(key.id);
    }
    expect(time.now).toBe(START);
  });

  test("rotated without overlap knows the old secret no more", async () => {
    const { control } = await startRig();
    const { key, secret: old } = await keyOnRecord(control);
    await control.keys.rotate(key.id, { prefix: "", overlapMs: 0 }, "admin");
    expect(control.directory.identify(old, START)).toBeUndefined();
  });

  test("rotated twice within the overlap knows the last two secrets", async () => {
    const { control } = await startRig();
    const { key, secret: first } = await keyOnRecord(control);
    const { secret: second } = await control.keys.rotate(key.id, { prefix: "", overlapMs: HOUR_MS }, "admin");
    const { secret: third } = await control.keys.rotate(key.id, { prefix: "", overlapMs: HOUR_MS }, "admin");
    const known = [first, second, third].map((secret) => control.directory.identify(secret, START) !== undefined);
    expect(known).toEqual([false, true, true]);
  });

  test("that is revoked or has expired cannot be rotated, and a revoked one cannot be changed", async () => {
    const { control, time } = await startRig();
    const { account, key } = await keyOnRecord(control);
    await control.keys.revoke(key.id, "admin");
    const rotation = { prefix: "", overlapMs: 0 };
    expect(await refusalOf(control.keys.rotate(key.id, rotation, "admin"))).toMatch(/^HG_KEY_REVOKED .*is revoked/);
    expect(await refusalOf(control.keys.update(key.id, { name: "x" }, "admin"))).toMatch(/^HG_KEY_REVOKED /);
    const fields = { accountId: account.id, prefix: "", expiresAt: START + 1 };
    const { key: expiring } = await control.keys.create(fields, "admin");
    time.now += 1;
    expect(await refusalOf(control.keys.rotate(expiring.id, rotation, "admin"))).toMatch(
      /^HG_KEY_REVOKED .*has expired/,
    );
  });

  test("needs an account, a prefix, scopes, a name and an end that can be", async () => {
    const { control } = await startRig();
    const { account } = await keyOnRecord(control);
    const create = (fields: object): Promise<string> =>
      refusalOf(control.keys.create({ accountId: account.id, prefix: "", ...fields }, "admin"));
    expect(await create({ accountId: NOBODY })).toMatch(/^HG_ACCOUNT_UNKNOWN /);
    expect(await create({ accountId: account.name })).toMatch(/^HG_ACCOUNT_UNKNOWN /);
    expect(await create({ prefix: "a b" })).toMatch(/^HG_PREFIX_INVALID /);
    expect(await create({ name: " " })).toMatch(/^HG_NAME_INVALID /);
    for (const scopes of [
      ["Read"],
      [""],
      ["a", "a"],
      ["a b"],
      ["x".repeat(65)],
      Array.from({ length: 33 }, (_, i) => `s${i}`),
    ]) {
      expect(await create({ scopes })).toMatch(/^HG_SCOPES_INVALID /);
    }
    for (const expiresAt of [START, 0, -1, START + 0.5, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15]) {
      expect(await create({ expiresAt })).toMatch(/^HG_LIFETIME_INVALID /);
    }
    for (const overlapMs of [-1, 0.5, Number.NaN, 401 * 24 * HOUR_MS]) {
      const { items } = await control.keys.list();
      const rotation = control.keys.rotate(items[0]?.id ?? "", { prefix: "", overlapMs }, "admin");
      expect(await refusalOf(rotation)).toMatch(/^HG_LIFETIME_INVALID /);
    }
    expect(await actionsOf(control)).toEqual(["account.created", "key.created"]);
  });

  test("may have no scopes at all", async () => {
    const { control } = await startRig();
    const { secret } = await keyOnRecord(control, { scopes: [] });
    expect(control.directory.identify(secret, START)?.scopes).toEqual([]);
  });

  test("is never on record with its secret", async () => {
    const { control } = await startRig();
    const { key, secret } = await keyOnRecord(control);
    await control.keys.rotate(key.id, { prefix: "", overlapMs: 5 }, "admin");
    const rows = await control.storage.read(control.storage.build.selectFrom("api_keys").selectAll().compile());
    const audit = await control.storage.read(control.storage.build.selectFrom("audit").selectAll().compile());
    const text = JSON.stringify(audit);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(text).not.toContain(secret);
    for (const hash of [rows[0]?.secret_hash, rows[0]?.previous_hash]) expect(text).not.toContain(hash);
  });

  test("is listed with its account's others", async () => {
    const { control } = await startRig();
    const { account, key } = await keyOnRecord(control);
    const other = await control.accounts.create({ name: "Other" }, "admin");
    const { key: theirs } = await control.keys.create({ accountId: other.id, prefix: "" }, "admin");
    expect((await control.keys.list()).items.map(({ id }) => id)).toEqual([key.id, theirs.id]);
    expect((await control.keys.list({ accountId: account.id })).items).toEqual([key]);
  });
});

test("an old secret whose overlap has ended leaves the memory, and the key stays", async () => {
  const { control, time, tick } = await startRig();
  const { key, secret: old } = await keyOnRecord(control);
  const { secret } = await control.keys.rotate(key.id, { prefix: "", overlapMs: HOUR_MS }, "admin");
  time.now += 2 * HOUR_MS;
  tick();
  expect(control.directory.identify(old, START)).toBeUndefined();
  expect(control.directory.identify(secret, START)?.id).toBe(key.id);
});

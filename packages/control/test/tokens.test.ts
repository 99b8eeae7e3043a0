import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR_MS, keyOnRecord, refusalOf, START, startRig } from "./rig.ts";

const ACCESS = { kind: "access", prefix: "hg_at_", lifetimeMs: HOUR_MS } as const;

describe("a token", () => {
  test("is its account's like the key it was minted from, with the key's scopes unless it asks for fewer", async () => {
    const { control } = await startRig();
    const { account, key } = await keyOnRecord(control, { scopes: ["read", "write", "files:read"] });
    const { token, secret } = await control.tokens.mint({ ...ACCESS, keyId: key.id }, key.id);
    expect(token).toMatchObject({
      accountId: account.id,
      keyId: key.id,
      scopes: key.scopes,
      expiresAt: START + HOUR_MS,
    });
    expect(token.id).toMatch(/^tok_/);
    expect(control.directory.identify(secret, START)).toMatchObject({
      kind: "token",
      id: token.id,
      keyId: key.id,
      accountId: account.id,
    });
    const { token: narrow } = await control.tokens.mint({ ...ACCESS, keyId: key.id, scopes: ["files:read"] }, key.id);
    expect(narrow.scopes).toEqual(["files:read"]);
  });

  test("is good until it expires, and leaves the memory then", async () => {
    const { control, time, tick } = await startRig();
    const { key } = await keyOnRecord(control);
    const { secret } = await control.tokens.mint({ ...ACCESS, keyId: key.id }, "admin");
    expect(control.directory.identify(secret, START + HOUR_MS - 1)).toBeDefined();
    expect(control.directory.identify(secret, START + HOUR_MS)).toBeUndefined();
    expect(control.directory.counts.tokens).toBe(1);
    time.now += HOUR_MS;
    tick();
    expect(control.directory.counts.tokens).toBe(0);
  });

  test("dies with its key, and shows as revoked then", async () => {
    const { control, time, reopen } = await startRig();
    const { key } = await keyOnRecord(control);
    const { token, secret } = await control.tokens.mint({ ...ACCESS, keyId: key.id }, "admin");
    time.now += 1;
    await control.keys.revoke(key.id, "admin");
    expect(control.directory.identify(secret, time.now)).toBeUndefined();
    expect((await control.tokens.get(token.id)).revokedAt).toBe(START + 1);
    expect((await control.tokens.list({ keyId: key.id })).items[0]?.revokedAt).toBe(START + 1);
    expect((await reopen()).directory.identify(secret, time.now)).toBeUndefined();
  });

  test("ends with its key at the latest", async () => {
    const { control } = await startRig();
    const { key } = await keyOnRecord(control, { expiresAt: START + 1000 });
    const { token, secret } = await control.tokens.mint({ ...ACCESS, keyId: key.id }, "admin");
    expect(token.expiresAt).toBe(START + 1000);
    await control.keys.update(key.id, { expiresAt: START + 500 }, "admin");
    expect(control.directory.identify(secret, START + 500)).toBeUndefined();
  });

  test("lives on when its key is rotated", async () => {
    const { control } = await startRig();
    const { key } = await keyOnRecord(control);
    const { secret } = await control.tokens.mint({ ...ACCESS, keyId: key.id }, "admin");
    await control.keys.rotate(key.id, { prefix: "", overlapMs: 0 }, "admin");
    expect(control.directory.identify(secret, START)?.keyId).toBe(key.id);
  });

  test("loses the scopes that its key loses", async () => {
    const { control } = await startRig();
    const { key } = await keyOnRecord(control);
    const { secret } = await control.tokens.mint({ ...ACCESS, keyId: key.id }, "admin");
    await control.keys.update(key.id, { scopes: ["read"] }, "admin");
    expect(control.directory.identify(secret, START)?.scopes).toEqual(["read"]);
  });

  test("is revoked for good, without its key", async () => {
    const { control, time } = await startRig();
    const { key, secret: ofKey } = await keyOnRecord(control);
    const { token, secret } = await control.tokens.mint({ ...ACCESS, keyId: key.id }, "admin");
    time.now += 1;
    const revoked = await control.tokens.revoke(token.id, "admin", { ifVersion: 1 });
    expect(revoked).toMatchObject({ revokedAt: START + 1, version: 2 });
    expect(control.directory.identify(secret, START)).toBeUndefined();
    expect(control.directory.identify(ofKey, START)).toBeDefined();
    expect(await control.tokens.revoke(token.id, "admin")).toEqual(revoked);
  });

  test("for a widget can read, and nothing else", async () => {
    const { control } = await startRig();
    const { key } = await keyOnRecord(control);
    const widget = { ...ACCESS, keyId: key.id, kind: "widget" } as const;
    const { token, secret } = await control.tokens.mint(widget, "admin");
    expect(token).toMatchObject({ kind: "widget", scopes: ["read"] });
    expect(control.directory.identify(secret, START)).toMatchObject({ isWidget: true, scopes: ["read"] });
    const greedy = control.tokens.mint({ ...widget, scopes: ["read", "write"] }, "admin");
    expect(await refusalOf(greedy)).toMatch(/^HG_SCOPES_INVALID /);
    await control.keys.update(key.id, { scopes: ["write"] }, "admin");
    expect(await refusalOf(control.tokens.mint(widget, "admin"))).toMatch(/^HG_SCOPES_INVALID /);
  });

  test("for a widget shows one actor or one target, and all the account's events where it is bound to none", async () => {
    const { control, reopen } = await startRig();
    const { key, secret: ofKey } = await keyOnRecord(control);
    const mint = (bound: object): ReturnType<typeof control.tokens.mint> =>
      control.tokens.mint({ ...ACCESS, keyId: key.id, kind: "widget", ...bound }, "admin");
    const minted = [
      { shows: { actor: "user_1" }, ...(await mint({ actor: "user_1" })) },
      { shows: { target: "doc_9" }, ...(await mint({ target: "doc_9" })) },
      { shows: {}, ...(await mint({})) },
    ];
    const expectShown = async ({ directory, tokens }: typeof control): Promise<void> => {
      for (const { shows, token, secret } of minted) {
        const identity = directory.identify(secret, START);
        expect(identity?.isWidget).toBe(true);
        expect(identity?.widget).toEqual(shows);
        expect(directory.identify(secret, START)).toBe(identity);
        expect(await tokens.get(token.id)).toEqual({ ...token, actor: undefined, target: undefined, ...shows });
      }
      expect(directory.identify(ofKey, START)?.widget).toBeUndefined();
    };
    await expectShown(control);
    await expectShown(await reopen());
  });

  test("for a widget is bound to any id that events can have, to the letter", async () => {
    const { control } = await startRig();
    const { key } = await keyOnRecord(control);
    const id = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
      .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text) && [...text].length <= 200);
    const property = fc.asyncProperty(id, fc.constantFrom("actor", "target"), async (text, field) => {
      const fields = { ...ACCESS, keyId: key.id, kind: "widget", [field]: text } as const;
      const { secret } = await control.tokens.mint(fields, "admin");
      expect(control.directory.identify(secret, START)?.widget).toEqual({ [field]: text });
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test("is not bound where it is no widget's, to two at once, or to what is no id", async () => {
    const { control } = await startRig();
    const { key } = await keyOnRecord(control);
    const mint = (kind: "access" | "widget", bound: object): Promise<string> =>
      refusalOf(control.tokens.mint({ ...ACCESS, keyId: key.id, kind, ...bound }, "admin"));
    expect(await mint("access", { actor: "user_1" })).toMatch(/^HG_WIDGET_INVALID /);
    expect(await mint("access", { target: "" })).toMatch(/^HG_WIDGET_INVALID /);
    expect(await mint("widget", { actor: "user_1", target: "doc_9" })).toMatch(/^HG_WIDGET_INVALID .*not to both/);
    for (const id of ["", "x".repeat(201), "a\0b", "a\nb", "a\u0085b", "\ud800", "a\udc00"]) {
      expect(await mint("widget", { actor: id })).toMatch(/^HG_WIDGET_INVALID The actor /);
      expect(await mint("widget", { target: id })).toMatch(/^HG_WIDGET_INVALID The target /);
    }
    expect((await control.tokens.list()).items).toEqual([]);
    await control.tokens.mint({ ...ACCESS, keyId: key.id, kind: "widget", actor: "😀".repeat(200) }, "admin");
  });

  test("is not minted from a key that is unknown, revoked or expired, nor with more than the key has", async () => {
    const { control, time } = await startRig();
    const { account, key } = await keyOnRecord(control, { scopes: ["read"] });
    const mint = (fields: object): Promise<string> =>
      refusalOf(control.tokens.mint({ ...ACCESS, keyId: key.id, ...fields }, "admin"));
    expect(await mint({ keyId: account.id })).toMatch(/^HG_KEY_UNKNOWN /);
    expect(await mint({ scopes: ["read", "write"] })).toMatch(/^HG_SCOPES_INVALID .*write/);
    expect(await mint({ prefix: "!" })).toMatch(/^HG_PREFIX_INVALID /);
    for (const lifetimeMs of [0, 999, -1, 1000.5, Number.NaN, 400 * 24 * HOUR_MS + 1]) {
      expect(await mint({ lifetimeMs })).toMatch(/^HG_LIFETIME_INVALID /);
    }
    await control.keys.update(key.id, { expiresAt: START + 1 }, "admin");
    time.now += 1;
    expect(await mint({})).toMatch(/^HG_KEY_REVOKED .*has expired/);
    await control.keys.revoke(key.id, "admin");
    expect(await mint({})).toMatch(/^HG_KEY_REVOKED .*is revoked/);
    expect((await control.tokens.list()).items).toEqual([]);
  });

  test("is not minted while its key has 10,000 that are good: neither expired nor revoked", async () => {
    const { control, time, tick } = await startRig();
    const { account, key } = await keyOnRecord(control);
    const mint = () => control.tokens.mint({ ...ACCESS, keyId: key.id }, "admin");
    const { token } = await mint();
    const [row] = await control.storage.read(control.storage.build.selectFrom("tokens").selectAll().compile());
    if (!row) throw new Error("it is not on record");
    for (let n = 1; n < 10_000; n += 1) {
      const id = `${token.id}_${n}`;
      const expiring = { ...row, id, secret_hash: id, expires_at: n === 1 ? START + 1 : row.expires_at };
      control.directory.put("token", id, expiring, START);
    }
    expect(await refusalOf(mint())).toMatch(/^HG_KEY_TOKENS_FULL .*10000/);
    const { key: other } = await control.keys.create({ accountId: account.id, prefix: "" }, "admin");
    await control.tokens.mint({ ...ACCESS, keyId: other.id }, "admin");

    time.now += 1;
    await mint();
    expect(await refusalOf(mint())).toMatch(/^HG_KEY_TOKENS_FULL /);
    await control.tokens.revoke(token.id, "admin");
    await mint();
    expect(await refusalOf(mint())).toMatch(/^HG_KEY_TOKENS_FULL /);
    time.now += HOUR_MS;
    tick();
    await mint();
  });

  test("is listed by account and by key", async () => {
    const { control } = await startRig();
    const { account, key } = await keyOnRecord(control);
    const { key: second } = await control.keys.create({ accountId: account.id, prefix: "" }, "admin");
    const { token: a } = await control.tokens.mint({ ...ACCESS, keyId: key.id }, "admin");
    const { token: b } = await control.tokens.mint({ ...ACCESS, keyId: second.id }, "admin");
    expect((await control.tokens.list({ accountId: account.id })).items).toEqual([a, b]);
    const page = await control.tokens.list({ accountId: account.id }, { limit: 1 });
    expect((await control.tokens.list({ accountId: account.id }, { after: page.next })).items).toEqual([b]);
    expect((await control.tokens.list({ keyId: second.id })).items).toEqual([b]);
  });
});

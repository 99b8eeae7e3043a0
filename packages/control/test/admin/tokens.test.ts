import { describe, expect, test } from "vitest";
import { type Rig, START, startRig } from "./rig.ts";

async function withKey(rig: Rig, fields: object = {}): Promise<string> {
  await rig.make("accounts", { name: "a" });
  return (await rig.make("keys", { account: "a", ...fields })).id;
}

describe("a token", () => {
  test("lives a day, has the scopes of its key, and is shown with its secret once", async () => {
    const rig = await startRig();
    const key = await withKey(rig);
    const { status, headers, body } = await rig.call("POST", "tokens", { body: { key } });
    expect(status).toBe(201);
    expect(headers.location).toBe(`/admin/v1/tokens/${body.id}`);
    const { secret, warning: _, ...shown } = body;
    expect(secret).toMatch(/^hg_at_/);
    expect(shown).toMatchObject({ key_id: key, kind: "access", scopes: ["read", "write"] });
    expect(shown.expires_at).toBe(new Date(START + 86_400_000).toISOString());
    expect((await rig.call("GET", `tokens/${body.id}`)).body).toEqual(shown);
    expect(rig.control.directory.identify(secret, rig.time.now)).toMatchObject({ id: body.id, keyId: key });
  });

  test("lives as long as asked, with the scopes that are asked for", async () => {
    const rig = await startRig();
    const key = await withKey(rig);
    const token = await rig.make("tokens", { key, for: "10m", scopes: ["write"] });
    expect(token).toMatchObject({ scopes: ["write"], expires_at: new Date(START + 600_000).toISOString() });
  });

  test("for widgets can only read", async () => {
    const rig = await startRig();
    const token = await rig.make("tokens", { key: await withKey(rig), widget: true });
    expect(token).toMatchObject({ kind: "widget", scopes: ["read"] });
    expect(token.secret).toMatch(/^hg_wt_/);
  });

  test("for widgets shows one actor or one target, which the audit shows too", async () => {
    const rig = await startRig();
    const key = await withKey(rig);
    const bindings = [
      { actor: "user_1", target: null },
      { actor: null, target: "doc_9" },
      { actor: null, target: null },
    ];
    for (const bound of bindings) {
      const given = Object.fromEntries(Object.entries(bound).filter(([, id]) => id !== null));
      const { id, secret } = await rig.make("tokens", { key, widget: true, ...given });
      expect((await rig.call("GET", `tokens/${id}`)).body).toMatchObject(bound);
      expect((await rig.call("GET", `audit?subject=${id}`)).body.items[0].after).toMatchObject(bound);
      expect(rig.control.directory.identify(secret, rig.time.now)?.widget).toEqual(given);
    }
    expect(await rig.make("tokens", { key })).toMatchObject({ actor: null, target: null });
  });

  test("is bound only where it is a widget's, and to one at most", async () => {
    const rig = await startRig();
    const key = await withKey(rig);
    for (const [fields, code] of [
      [{ actor: "user_1" }, "HG_WIDGET_INVALID"],
      [{ widget: false, target: "doc_9" }, "HG_WIDGET_INVALID"],
      [{ widget: true, actor: "user_1", target: "doc_9" }, "HG_WIDGET_INVALID"],
      [{ widget: true, actor: "" }, "HG_WIDGET_INVALID"],
      [{ widget: true, target: "a\nb" }, "HG_WIDGET_INVALID"],
      [{ widget: true, actor: "a\0b" }, "HG_ADMIN_BODY"],
      [{ widget: true, actor: null }, "HG_ADMIN_BODY"],
      [{ widget: true, target: 9 }, "HG_ADMIN_BODY"],
    ] as const) {
      expect((await rig.call("POST", "tokens", { body: { key, ...fields } })).body).toMatchObject({
        status: 422,
        code,
      });
    }
    expect((await rig.call("GET", "tokens")).body.items).toEqual([]);
  });

  test("begins and lives as the policy says", async () => {
    const rig = await startRig({
      policy:
        "callers: { api-key: { bearer: ex_sk_ }, token: { bearer: [ex_at_, ex_wt_] } }\ncredentials: managed\ntokens: { for: 1h }\nlimits: []",
    });
    const key = await withKey(rig);
    const access = await rig.make("tokens", { key });
    expect(access.secret).toMatch(/^ex_at_/);
    expect(access.expires_at).toBe(new Date(START + 3_600_000).toISOString());
    expect((await rig.make("tokens", { key, widget: true })).secret).toMatch(/^ex_wt_/);
  });

  test("is unknown once it is revoked", async () => {
    const rig = await startRig();
    const { id, secret } = await rig.make("tokens", { key: await withKey(rig) });
    expect((await rig.make(`tokens/${id}/revoke`, {})).revoked_at).not.toBeNull();
    expect(rig.control.directory.identify(secret, rig.time.now)).toBeUndefined();
  });

  test("cannot be minted from a key that is unknown, revoked, or has less scopes", async () => {
    const rig = await startRig();
    const key = await withKey(rig, { scopes: ["read"] });
    const codeOf = async (body: object): Promise<unknown[]> => {
      const answer = await rig.call("POST", "tokens", { body });
      return [answer.status, answer.body.code];
    };
    expect(await codeOf({ key: "key_none" })).toEqual([422, "HG_KEY_UNKNOWN"]);
    expect(await codeOf({ key, scopes: ["write"] })).toEqual([422, "HG_SCOPES_INVALID"]);
    await rig.make(`keys/${key}/revoke`, {});
    expect(await codeOf({ key })).toEqual([409, "HG_KEY_REVOKED"]);
  });
});

test("tokens are listed, all, an account's, or a key's", async () => {
  const rig = await startRig();
  const key = await withKey(rig);
  const other = (await rig.make("keys", { account: "a" })).id;
  const token = await rig.make("tokens", { key });
  await rig.make("tokens", { key: other });
  const listed = async (query: string): Promise<number> => (await rig.call("GET", `tokens${query}`)).body.items.length;
  expect([await listed(""), await listed("?account=a"), await listed(`?key=${key}`)]).toEqual([2, 2, 1]);
  expect((await rig.call("GET", `tokens?account=a&key=${key}`)).body.items[0].id).toBe(token.id);
});

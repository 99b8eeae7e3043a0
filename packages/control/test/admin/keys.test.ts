import { describe, expect, test } from "vitest";
import { outlined, START, startRig } from "./rig.ts";

const DAY_MS = 86_400_000;
const MANAGED = "credentials: managed\nlimits: []";

describe("a key", () => {
  test("is shown with its secret once, and is known from then on", async () => {
    const rig = await startRig();
    const account = await rig.make("accounts", { name: "a" });
    const { status, headers, body } = await rig.call("POST", "keys", { body: { account: "a", name: "production" } });
    expect(status).toBe(201);
    expect(headers.location).toBe(`/admin/v1/keys/${body.id}`);
    expect(headers["cache-control"]).toBe("no-store");
    const { secret, warning: _, ...shown } = body;
    expect(secret).toMatch(/^hg_sk_[0-9A-Za-z]{49}$/);
    expect(shown).toMatchObject({ account_id: account.id, name: "production", scopes: ["read", "write"], version: 1 });
    expect(secret.startsWith(shown.start)).toBe(true);
    expect((await rig.call("GET", `keys/${body.id}`)).body).toEqual(shown);
    expect(rig.control.directory.identify(secret, rig.time.now)).toMatchObject({ id: body.id, accountId: account.id });
  });

  test("ends after a while, or at a moment, but not at both", async () => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const after = await rig.make("keys", { account: "a", expires_in: "30d" });
    expect(after.expires_at).toBe(new Date(START + 30 * DAY_MS).toISOString());
    const at = await rig.make("keys", { account: "a", expires_at: "2030-06-01T00:00:00+02:00" });
    expect(at.expires_at).toBe("2030-05-31T22:00:00.000Z");
    const both = { account: "a", expires_in: "30d", expires_at: "2030-06-01T00:00:00Z" };
    expect((await rig.call("POST", "keys", { body: both })).body.code).toBe("HG_LIFETIME_INVALID");
  });

  test("is renamed, given scopes, and an end or none", async () => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const { id } = await rig.make("keys", { account: "a", name: "x", expires_in: "1d" });
    const body = { name: null, scopes: ["read"], expires_at: null };
    const changed = await rig.call("PATCH", `keys/${id}`, { body });
    expect(changed.body).toMatchObject({ ...body, version: 2 });
    const ending = await rig.call("PATCH", `keys/${id}`, { body: { expires_in: "2d" } });
    expect(ending.body).toMatchObject({ expires_at: new Date(START + 2 * DAY_MS).toISOString(), scopes: ["read"] });
  });

  test("has a new secret after it is rotated; the old one stays good for a day, or as long as asked", async () => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const { id, secret } = await rig.make("keys", { account: "a", prefix: "ex_" });
    const rotated = await rig.make(`keys/${id}/rotate`, undefined);
    expect(rotated.secret).toMatch(/^ex_/);
    expect(rotated).toMatchObject({ id, previous_until: new Date(START + DAY_MS).toISOString() });
    const knows = (text: string): boolean => rig.control.directory.identify(text, rig.time.now) !== undefined;
    expect([secret, rotated.secret].map(knows)).toEqual([true, true]);
    const last = await rig.make(`keys/${id}/rotate`, { overlap: "0s" });
    expect([secret, rotated.secret, last.secret].map(knows)).toEqual([false, false, true]);
  });

  test("is unknown once it is revoked, and revoking it again changes nothing", async () => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const { id, secret } = await rig.make("keys", { account: "a" });
    const revoked = await rig.make(`keys/${id}/revoke`, {});
    expect(revoked.revoked_at).toBe(new Date(START).toISOString());
    expect(rig.control.directory.identify(secret, rig.time.now)).toBeUndefined();
    expect(await rig.make(`keys/${id}/revoke`, {})).toEqual(revoked);
    const rotation = await rig.call("POST", `keys/${id}/rotate`, { body: {} });
    expect([rotation.status, rotation.body.code]).toEqual([409, "HG_KEY_REVOKED"]);
  });

  test("begins as the policy says, or as Headgate's own do", async () => {
    const rig = await startRig({ policy: `callers: { api-key: { bearer: [ex_sk_, ex_old_] } }\n${MANAGED}` });
    await rig.make("accounts", { name: "a" });
    expect((await rig.make("keys", { account: "a" })).start).toMatch(/^ex_sk_/);
    expect((await rig.make("keys", { account: "a", prefix: "ex_old_" })).start).toMatch(/^ex_old_/);
    expect((await rig.make("keys", { account: "a", prefix: "hg_sk_" })).start).toMatch(/^hg_sk_/);
    const refused = await rig.call("POST", "keys", { body: { account: "a", prefix: "other_" } });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: "HG_PREFIX_INVALID", errors: [{ pointer: "#/prefix" }] });
  });

  test("begins as the policy said that was served last, where none is served", async () => {
    const rig = await startRig({ lastPolicy: outlined(`callers: { api-key: { bearer: ex_ } }\n${MANAGED}`) });
    await rig.make("accounts", { name: "a" });
    expect((await rig.make("keys", { account: "a" })).start).toMatch(/^ex_/);
  });

  test("of an unknown account is the body's fault, and not the path's", async () => {
    const rig = await startRig();
    const { status, body } = await rig.call("POST", "keys", { body: { account: "nobody" } });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "HG_ACCOUNT_UNKNOWN", errors: [{ pointer: "#/account" }] });
  });
});

test("keys are listed, all or an account's", async () => {
  const rig = await startRig();
  await rig.make("accounts", { name: "a" });
  await rig.make("accounts", { name: "b" });
  const a = await rig.make("keys", { account: "a" });
  await rig.make("keys", { account: "b" });
  expect((await rig.call("GET", "keys")).body.items).toHaveLength(2);
  const own = (await rig.call("GET", "keys?account=a")).body;
  expect(own).toMatchObject({ items: [{ id: a.id }], next_cursor: null });
  expect(JSON.stringify(own)).not.toContain(a.secret);
  expect((await rig.call("GET", "keys?account=nobody")).status).toBe(404);
});

test("a key that the policy would not look up comes with a warning", async () => {
  const presented = await startRig({ policy: "limits: []" });
  const callers = "callers: { api-key: { bearer: true } }";
  const managed = await startRig({ policy: `credentials: managed\n${callers}\nlimits: []` });
  const presentedLast = await startRig({ lastPolicy: outlined("limits: []") });
  for (const [rig, warning] of [
    [presentedLast, expect.stringContaining("credentials: presented")],
    [presented, expect.stringContaining("credentials: presented")],
    [managed, null],
  ] as const) {
    await rig.make("accounts", { name: "a" });
    expect((await rig.call("POST", "keys", { body: { account: "a" } })).body.warning).toEqual(warning);
  }
});

test("what is wrong with a key is told before its account is looked for", async () => {
  const rig = await startRig();
  const { body } = await rig.call("POST", "keys", { body: { account: "nobody", scopes: ["BAD"] } });
  expect(body.code).toBe("HG_SCOPES_INVALID");
});

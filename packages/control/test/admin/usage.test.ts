import { describe, expect, test } from "vitest";
import { type Json, type Rig, START, startRig } from "./rig.ts";

const POLICY = `
callers: { api-key: { bearer: ex_ }, token: { header: x-token } }
credentials: managed
endpoints: { meters: ["/v1/meters/{id}", "POST /v1/meters"] }
limits:
  - { name: account, per: account, quota: 100, window: 1m, plans: { pro: { quota: 1000 } } }
  - { name: key, per: [api-key, endpoint], quota: 10, window: 1m }
  - { name: writes, per: [method, account], quota: 5, window: 1h }
  - { name: token, per: token, quota: 50, window: 1m }
  - { name: address, per: ip, quota: 7, window: 1m }
  - { name: everyone, per: [], quota: 10000, window: 1m }
`;

/** An account with a key and a token, and requests of theirs that have been counted. */
async function withUse(): Promise<{ rig: Rig; account: Json; key: Json; token: Json }> {
  const rig = await startRig({ policy: POLICY });
  const account = await rig.make("accounts", { name: "a" });
  const key = await rig.make("keys", { account: "a" });
  const token = await rig.make("tokens", { key: key.id });
  const request = async (method: string, path: string, callers: Record<string, string>): Promise<void> => {
    const { policy, store } = rig.enforcement as NonNullable<Rig["enforcement"]>;
    const facts = { method, path, headers: {}, callers: { ip: "192.0.2.1", ...callers }, authenticated: true };
    const claims = policy.limits.flatMap(({ limit, partitionOf }) => {
      const partition = partitionOf(facts);
      return partition === undefined ? [] : [{ limit, partition, cost: 1 }];
    });
    await store.consume(claims, rig.time.now);
  };
  for (let i = 0; i < 3; i++) await request("GET", "/v1/meters/7", { "api-key": key.id, account: account.id });
  await request("POST", "/elsewhere", { "api-key": key.id, account: account.id });
  await request("GET", "/elsewhere", { token: token.id, account: account.id });
  return { rig, account, key, token };
}

describe("live usage", () => {
  test("of an account has its own counters, its keys' and its tokens', as the gate counts them", async () => {
    const { rig, account, key, token } = await withUse();
    const { body } = await rig.call("GET", "usage?account=a");
    expect(body.complete).toBe(true);
    const seen = body.items.map(({ limit, per, quota, used, remaining }: Json) => [limit, per, quota, used, remaining]);
    expect(seen).toEqual([
      ["account", { account: account.id }, 100, 5, 95],
      ["writes", { method: "GET", account: account.id }, 5, 4, 1],
      ["writes", { method: "POST", account: account.id }, 5, 1, 4],
      ["key", { "api-key": key.id, endpoint: "/v1/meters/{id}" }, 10, 3, 7],
      ["key", { "api-key": key.id, endpoint: "" }, 10, 1, 9],
      ["token", { token: token.id }, 50, 1, 49],
    ]);
    expect(body.items[0]).toMatchObject({ reset_ms: 60_000, reset_at: new Date(START + 60_000).toISOString() });
  });

  test("shows a limit that nothing was used of, too", async () => {
    const { rig } = await withUse();
    const { body } = await rig.call("GET", "usage?ip=198.51.100.1");
    expect(body.items).toEqual([
      { limit: "address", per: { ip: "198.51.100.1" }, quota: 7, used: 0, remaining: 7, reset_at: null, reset_ms: 0 },
    ]);
    expect((await rig.call("GET", "usage?ip=192.0.2.1")).body.items[0]).toMatchObject({ used: 5, remaining: 2 });
  });

  test("is of the quota that the caller has: by its plan, and by overrides, a key's before its account's", async () => {
    const { rig, key, token } = await withUse();
    await rig.call("PATCH", "accounts/a", { body: { plan: "pro" } });
    await rig.make("overrides", { account: "a", limit: "account", factor: 2 });
    await rig.make("overrides", { account: "a", limit: "key", quota: 20 });
    await rig.make("overrides", { key: key.id, limit: "key", quota: 30 });
    await rig.make("overrides", { account: "a", limit: "token", unlimited: true });
    await rig.make("overrides", { account: "a", limit: "writes", quota: 2, for: "1m" });
    const quotas = async (): Promise<Json> => {
      const { items } = (await rig.call("GET", "usage?account=a")).body;
      return Object.fromEntries(items.map(({ limit, quota, remaining }: Json) => [limit, [quota, remaining]]));
    };
    expect(await quotas()).toEqual({ account: [2000, 1995], writes: [2, 1], key: [30, 29], token: [null, null] });
    expect((await rig.call("GET", `usage?key=${key.id}`)).body.items[0]).toMatchObject({ quota: 30, remaining: 27 });
    expect((await rig.call("GET", `usage?token=${token.id}`)).body.items).toMatchObject([
      { limit: "token", quota: null },
    ]);
    rig.time.now += 60_000;
    expect((await quotas()).writes).toEqual([5, 4]);
  });

  test("is forgotten where an operator says so, under every endpoint, and the audit knows", async () => {
    const { rig, account, key } = await withUse();
    const { body } = await rig.call("POST", "usage/reset", { body: { account: "a", limit: "key" } });
    const used = (items: Json): Json => items.filter((item: Json) => item.used > 0).map(({ limit }: Json) => limit);
    expect(used(body.items)).toEqual(["account", "writes", "writes", "token"]);
    await rig.make("usage/reset", { account: "a", limit: "writes" });
    expect(used((await rig.call("GET", "usage?account=a")).body.items)).toEqual(["account", "token"]);
    expect((await rig.call("GET", `usage?key=${key.id}`)).body.items[0].used).toBe(0);
    const entries = (await rig.call("GET", "audit?limit=1")).body.items;
    expect(entries).toMatchObject([
      {
        actor: "admin",
        action: "usage.reset",
        subject: { type: "account", id: account.id },
        after: { limit: "writes" },
      },
    ]);
  });

  test("of a limit that the policy lacks, or that counts by others, cannot be reset", async () => {
    const { rig } = await withUse();
    const before = await rig.auditEntries();
    const unknown = await rig.call("POST", "usage/reset", { body: { account: "a", limit: "nothing" } });
    expect([unknown.status, unknown.body.code]).toEqual([422, "HG_LIMIT_UNKNOWN"]);
    const others = await rig.call("POST", "usage/reset", { body: { account: "a", limit: "address" } });
    expect([others.status, others.body.code]).toEqual([422, "HG_LIMIT_UNKNOWN"]);
    expect(others.body.detail).toContain("by ip");
    expect(await rig.auditEntries()).toBe(before);
  });

  test("is not to be had where no gate runs", async () => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const seen = await rig.call("GET", "usage?account=a");
    expect([seen.status, seen.body.code]).toEqual([409, "HG_ADMIN_NOT_SERVING"]);
    expect((await rig.call("POST", "usage/reset", { body: { account: "a", limit: "x" } })).status).toBe(409);
  });

  test.each([
    ["", 400],
    ["?account=a&ip=192.0.2.1", 400],
    ["?ip=nowhere", 400],
    ["?account=nobody", 404],
    ["?key=key_none", 404],
    ["?who=a", 400],
  ])("needs one caller on record: usage%s is refused with %d", async (query, status) => {
    const { rig } = await withUse();
    expect((await rig.call("GET", `usage${query}`)).status).toBe(status);
  });
});

import { describe, expect, test } from "vitest";
import { outlined, START, startRig } from "./rig.ts";

const POLICY =
  "callers: { api-key: { bearer: true } }\ncredentials: managed\nlimits: [{ name: writes, per: account, quota: 5, window: 1m }, { name: reads, per: account, quota: 9, window: 1m }]";

describe("an override", () => {
  test("is set once for a caller and a limit, and replaced after that", async () => {
    const rig = await startRig({ policy: POLICY });
    const account = await rig.make("accounts", { name: "a" });
    const body = { account: "a", limit: "writes", quota: 50, for: "30d", reason: "moves a year of data" };
    const set = await rig.call("POST", "overrides", { body });
    expect([set.status, set.headers.location]).toEqual([201, `/admin/v1/overrides/${set.body.id}`]);
    expect(set.body).toMatchObject({
      subject: { type: "account", id: account.id },
      limit: "writes",
      quota: 50,
      factor: null,
      unlimited: false,
      expires_at: new Date(START + 30 * 86_400_000).toISOString(),
      reason: "moves a year of data",
    });
    const replaced = await rig.call("POST", "overrides", { body: { account: "a", limit: "writes", factor: 1.5 } });
    expect(replaced.status).toBe(200);
    expect(replaced.headers.location).toBeUndefined();
    expect(replaced.body).toMatchObject({ id: set.body.id, quota: null, factor: 1.5, expires_at: null, reason: null });
  });

  test("can be a key's, and lift a limit altogether", async () => {
    const rig = await startRig({ policy: POLICY });
    await rig.make("accounts", { name: "a" });
    const key = await rig.make("keys", { account: "a" });
    const set = await rig.make("overrides", { key: key.id, limit: "writes", unlimited: true });
    expect(set).toMatchObject({ subject: { type: "key", id: key.id }, unlimited: true, quota: null, factor: null });
  });

  test("is removed, and is not there after that", async () => {
    const rig = await startRig({ policy: POLICY });
    await rig.make("accounts", { name: "a" });
    const { id } = await rig.make("overrides", { account: "a", limit: "writes", quota: 50 });
    const removed = await rig.call("DELETE", `overrides/${id}`);
    expect([removed.status, removed.text]).toEqual([204, ""]);
    expect((await rig.call("GET", `overrides/${id}`)).status).toBe(404);
    expect((await rig.call("DELETE", `overrides/${id}`)).body.code).toBe("HG_OVERRIDE_UNKNOWN");
  });

  test("needs a limit of the policy, and is told which there are", async () => {
    const rig = await startRig({ policy: POLICY });
    await rig.make("accounts", { name: "a" });
    const refused = await rig.call("POST", "overrides", { body: { account: "a", limit: "write", quota: 50 } });
    expect([refused.status, refused.body.code]).toEqual([422, "HG_LIMIT_UNKNOWN"]);
    expect(refused.body.errors[0].detail).toContain("writes, reads");
  });

  test("needs a limit of the policy that was served last, where none is served", async () => {
    const rig = await startRig({ lastPolicy: outlined(POLICY) });
    await rig.make("accounts", { name: "a" });
    const refused = await rig.call("POST", "overrides", { body: { account: "a", limit: "write", quota: 50 } });
    expect([refused.status, refused.body.code]).toEqual([422, "HG_LIMIT_UNKNOWN"]);
    await rig.make("overrides", { account: "a", limit: "writes", quota: 50 });
  });

  // It would be held against what others have used, and the account refused for them.
  test("is no quota of a counter that accounts share, though it can lift the limit", async () => {
    const rig = await startRig({
      policy:
        "callers: { api-key: { bearer: true } }\ncredentials: managed\nlimits: [{ name: ceiling, per: ip, quota: 5, window: 1m }, { name: all, per: [], quota: 9, window: 1m }, { name: each, per: [account, ip], quota: 9, window: 1m }]",
    });
    await rig.make("accounts", { name: "a" });
    const setting = (body: object) => rig.call("POST", "overrides", { body: { account: "a", ...body } });
    for (const [limit, counted] of [
      ["ceiling", "counts by ip"],
      ["all", "counts all callers together"],
    ]) {
      for (const change of [{ quota: 50 }, { factor: 2 }]) {
        const { status, body } = await setting({ limit, ...change });
        expect([status, body.code]).toEqual([422, "HG_LIMIT_UNKNOWN"]);
        expect(body.detail).toContain(counted);
      }
      expect((await setting({ limit, unlimited: true })).status).toBe(201);
    }
    expect((await setting({ limit: "each", quota: 50 })).status).toBe(201);
  });

  test.each([
    [{ limit: "writes", quota: 5 }],
    [{ account: "a", key: "k", limit: "writes", quota: 5 }],
    [{ account: "a", limit: "writes" }],
    [{ account: "a", limit: "writes", quota: 5, factor: 2 }],
    [{ account: "a", limit: "writes", unlimited: false }],
  ])("needs one subject and one change: %j is refused", async (body) => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const { status, body: problem } = await rig.call("POST", "overrides", { body });
    expect([status, problem.code]).toEqual([422, "HG_ADMIN_BODY"]);
  });
});

test("overrides are listed, all, an account's or a key's", async () => {
  const rig = await startRig();
  await rig.make("accounts", { name: "a" });
  const key = await rig.make("keys", { account: "a" });
  await rig.make("overrides", { account: "a", limit: "writes", quota: 50 });
  await rig.make("overrides", { key: key.id, limit: "writes", quota: 60 });
  const quotas = async (query: string): Promise<number[]> =>
    (await rig.call("GET", `overrides${query}`)).body.items.map(({ quota }: { quota: number }) => quota).toSorted();
  expect(await quotas("")).toEqual([50, 60]);
  expect(await quotas("?account=a")).toEqual([50]);
  expect(await quotas(`?key=${key.id}`)).toEqual([60]);
  expect((await rig.call("GET", `overrides?account=a&key=${key.id}`)).body.code).toBe("HG_ADMIN_QUERY");
});

import { startPostgres, startPostgresServer } from "@headgate/storage/testing";
import { afterAll, describe, expect, test } from "vitest";
import { bearer, type Issued, issueKey } from "./admin.ts";
import { policyFile, type Served, serve, startUpstream } from "./harness.ts";

const postgres = await startPostgres();
const ownServer = await startPostgresServer();
afterAll(async () => {
  await postgres?.stop();
  await ownServer?.stop();
});

/** Two processes that share a database, each with a folder of its own. */
async function startInstances(databaseUrl: string | undefined): Promise<[Served, Served]> {
  const upstream = await startUpstream();
  const start = (): Promise<Served> =>
    serve(policyFile("prolifi"), upstream.url, { environment: { DATABASE_URL: databaseUrl } });
  return [await start(), await start()];
}

const statusAt = async ({ url }: Served, key: Issued): Promise<number> =>
  (await fetch(`${url}/customers`, { headers: bearer(key) })).status;
const readinessOf = async ({ adminUrl }: Served): Promise<unknown> => {
  const response = await fetch(`${adminUrl}/readyz`);
  return { http: response.status, ...((await response.json()) as object) };
};
const metricsOf = async ({ adminUrl }: Served): Promise<string> => (await fetch(`${adminUrl}/metrics`)).text();
const WITHIN_A_SECOND = { timeout: 1_000, interval: 20 };
const SOON = { timeout: 20_000 };

describe.skipIf(postgres === undefined)("two instances on one PostgreSQL", { timeout: 60_000 }, () => {
  test("a key made on one works on the other, and revoked on one is refused by the other, within a second", async () => {
    const [first, second] = await startInstances(await postgres?.createDatabase());
    const key = await issueKey(first);
    expect(await statusAt(first, key)).toBe(200);
    await expect.poll(() => statusAt(second, key), WITHIN_A_SECOND).toBe(200);

    await second.admin("POST", `/keys/${key.id}/revoke`);
    expect(await statusAt(second, key)).toBe(401);
    await expect.poll(() => statusAt(first, key), WITHIN_A_SECOND).toBe(401);
  });

  test("a suspension, an override and a lift on one hold on the other within a second", async () => {
    const [first, second] = await startInstances(await postgres?.createDatabase());
    const key = await issueKey(first, "Acme");
    const limitAtSecond = async (): Promise<string | null> =>
      (await fetch(`${second.url}/customers`, { headers: bearer(key) })).headers.get("x-ratelimit-limit");
    await first.admin("POST", "/overrides", { account: "Acme", limit: "api", quota: 5000 });
    await expect.poll(limitAtSecond, WITHIN_A_SECOND).toBe("5000");
    await first.admin("POST", "/suspensions", { account: "Acme", reason: "unpaid" });
    await expect.poll(() => statusAt(second, key), WITHIN_A_SECOND).toBe(403);
    await second.admin("POST", "/accounts/Acme/lift");
    await expect.poll(() => statusAt(first, key), WITHIN_A_SECOND).toBe(200);
  });
});

describe.skipIf(ownServer === undefined)("when PostgreSQL is killed", { timeout: 60_000 }, () => {
  test("known keys are served on, changes are refused with 503, and all is well once it is back", async () => {
    const instances = await startInstances(ownServer?.url);
    const [first, second] = instances;
    const key = await issueKey(first);
    await expect.poll(() => statusAt(second, key), WITHIN_A_SECOND).toBe(200);

    await ownServer?.kill();
    for (const instance of instances) {
      expect(await statusAt(instance, key)).toBe(200);
      expect(await instance.admin("POST", "/keys", { account: "Acme" })).toMatchObject({
        status: 503,
        code: "HG_STORAGE_UNREACHABLE",
      });
      await expect.poll(() => readinessOf(instance), SOON).toMatchObject({ http: 200, status: "degraded" });
      expect(await metricsOf(instance)).toMatch(/^headgate_storage_up 0$/m);
      expect(await statusAt(instance, key)).toBe(200);
    }

    await ownServer?.restart();
    for (const instance of instances) {
      await expect.poll(() => readinessOf(instance), SOON).toEqual({ http: 200, status: "ready" });
      expect(await metricsOf(instance)).toMatch(/^headgate_storage_up 1$/m);
    }
    const fresh = await issueKey(second);
    await first.admin("POST", `/keys/${key.id}/revoke`);
    expect(await statusAt(second, fresh)).toBe(200);
    await expect.poll(() => statusAt(first, fresh), WITHIN_A_SECOND).toBe(200);
    await expect.poll(() => statusAt(second, key), WITHIN_A_SECOND).toBe(401);
  });
});

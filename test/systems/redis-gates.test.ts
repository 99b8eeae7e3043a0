import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { hasRedis, type RedisServer, startRedis } from "../../packages/redis/test/servers/redis-server.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Served, type ServeSettings, serve, startUpstream } from "./harness.ts";

const QUOTA = 100;

async function start(): Promise<RedisServer> {
  const redis = await startRedis();
  onTestFinished(() => redis.end());
  return redis;
}

/** Starts a gate on a Redis. Its budget is so long that an answer never takes it on a busy machine. */
async function gate(redis: RedisServer, policy: string, mode: string, settings: ServeSettings = {}): Promise<Served> {
  const file = join(await temporaryFolder(), "policy.yaml");
  await writeFile(file, `headgate: 1\n${policy}\nstore: { redis: { mode: ${mode}, budget: 10s } }\n`);
  const upstream = await startUpstream();
  return serve(file, upstream.url, { ...settings, environment: { REDIS_URL: redis.url } });
}

/** Statuses of so many requests to each of some gates, some of them at once. */
async function flood(urls: readonly string[], count: number, headers: Record<string, string> = {}): Promise<number[]> {
  const statuses: number[] = [];
  const lane = async (url: string): Promise<void> => {
    for (let i = 0; i < count / LANES; i++) {
      const response = await fetch(url, { headers });
      await response.arrayBuffer();
      statuses.push(response.status);
    }
  };
  await Promise.all(urls.flatMap((url) => Array.from({ length: LANES }, () => lane(url))));
  return statuses;
}
const LANES = 10;

const admitted = (statuses: readonly number[]): number => statuses.filter((status) => status === 200).length;

interface Usage {
  readonly items: readonly { limit: string; used: number }[];
}

describe.skipIf(!hasRedis)("gates on one Redis", () => {
  test.for([
    { mode: "exact", atLeast: QUOTA },
    { mode: "leased", atLeast: 0.9 * QUOTA },
  ])("hold callers to one quota, all their workers too, which is seen and reset at any: $mode", async (how) => {
    const { mode, atLeast } = how;
    const redis = await start();
    const policy = `limits: [{ name: address, per: ip, quota: ${QUOTA}, window: 1h }]`;
    const [one, two] = await Promise.all([gate(redis, policy, mode), gate(redis, policy, mode, { workers: 2 })]);

    const statuses = await flood([one.url, two.url], 2 * QUOTA);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(admitted(statuses)).toBeGreaterThanOrEqual(atLeast);
    expect(admitted(statuses)).toBeLessThanOrEqual(QUOTA);

    const { items } = await two.admin<Usage>("GET", "/usage?ip=127.0.0.1");
    expect(items).toMatchObject([{ limit: "address", used: QUOTA }]);
    await two.admin("POST", "/usage/reset", { ip: "127.0.0.1", limit: "address" });
    // A gate that has been told to wait looks now and then whether it still has to, however seldom it is asked.
    for (const { url } of [one, two]) {
      await expect.poll(async () => (await fetch(url)).status, { timeout: 10_000, interval: 200 }).toBe(200);
    }
  });

  // In leased mode what cannot be leased is counted as in exact mode: here are all the keys that there can be.
  test("tell it no credential and no address", async () => {
    const redis = await start();
    const { url } = await gate(
      redis,
      `
callers: { api-key: { bearer: true }, token: { header: x-token } }
limits:
  - { name: key, per: [api-key], quota: 1000, window: 1h }
  - { name: token, per: [token], quota: 1000, window: 1h, algorithm: sliding-window }
  - { name: address, per: ip, quota: 1000, window: 1h, algorithm: token-bucket }
  - { name: places, per: [ip, api-key, token], quota: 1000, algorithm: concurrency }`,
      "leased",
    );
    await flood([url], LANES, { authorization: "Bearer s3cret-key", "x-token": "s3cret-token" });
    const keys = redis.cli("--scan").split("\n");
    expect(keys.length).toBeGreaterThanOrEqual(3);
    for (const key of keys) {
      expect(`${key} ${redis.cli("dump", key)}`).not.toMatch(/s3cret|127\.0\.0\.1/);
      expect(Number(redis.cli("pttl", key))).toBeGreaterThan(0);
    }
  });
});

import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hasRedis, type RedisServer, startRedis } from "../../../../redis/test/servers/redis-server.ts";
import { type ObeyingFetch, obey } from "../../../src/obey.ts";
import { type IoRedis, type NodeRedis, shareOverRedis } from "../../../src/pacing/redis/share-over-redis.ts";
import { startLimitedApi } from "../limited-api.ts";

async function times(count: number, call: ObeyingFetch, url: string): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const response = await call(url);
      await response.arrayBuffer();
      expect(response.status).toBe(200);
    }),
  );
}

describe.skipIf(!hasRedis)("with a Redis", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.end());

  const open: Record<string, () => Promise<NodeRedis | IoRedis>> = {
    "node-redis": async () => {
      const client = await createClient({ url: redis.url }).connect();
      onTestFinished(() => void client.destroy());
      return client;
    },
    ioredis: async () => {
      const client = new Redis(redis.url);
      onTestFinished(() => client.disconnect());
      return client;
    },
  };

  test.each(Object.keys(open))("two clients that share over %s send together what one might", async (name) => {
    const { url, counts } = await startLimitedApi();
    const connect = open[name] as () => Promise<NodeRedis | IoRedis>;
    const calls = await Promise.all(
      [1, 2].map(async () => obey(fetch, { share: shareOverRedis(await connect(), { prefix: `${name}:` }) })),
    );
    await Promise.all(calls.map((call) => times(15, call, url)));
    expect(counts.admitted).toBe(30);
    expect(counts.refused).toBeLessThanOrEqual(1);
  });

  test("what is kept in Redis names the API and a fingerprint, never the credential, and is forgotten in a day", async () => {
    const { url } = await startLimitedApi();
    const client = (await open["node-redis"]?.()) as NodeRedis;
    const call = obey(fetch, { share: shareOverRedis(client, { prefix: "look:" }) });
    await call(url, { headers: { authorization: "Bearer hunter2" } });
    await expect.poll(() => redis.cli("keys", "look:*")).toMatch(/^look:http:\/\/127\.0\.0\.1:\d+ \w+$/);
    const key = redis.cli("keys", "look:*");
    expect(key + redis.cli("get", key)).not.toContain("hunter2");
    expect(Number(redis.cli("pttl", key))).toBeGreaterThan(86_000_000);
  });

  test("when Redis is lost calls go on, each client alone, and it is shared again when Redis is back", async () => {
    const { url } = await startLimitedApi();
    const own = await startRedis();
    onTestFinished(() => own.end());
    const client = createClient({ url: own.url, socket: { reconnectStrategy: 50 } });
    client.on("error", () => {});
    await client.connect();
    onTestFinished(() => void client.destroy());
    const kinds: string[] = [];
    const onNotice = ({ kind }: { kind: string }): void => void kinds.push(kind);
    const call = obey(fetch, { share: shareOverRedis(client), onNotice });
    await times(3, call, url);
    await own.kill();
    await times(3, call, url);
    await expect.poll(() => kinds).toContain("unshared");
    await own.restart();
    await expect
      .poll(
        async () => {
          await times(1, call, url);
          return kinds;
        },
        { timeout: 20_000, interval: 200 },
      )
      .toContain("shared");
  });
});

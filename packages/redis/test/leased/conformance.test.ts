import { storeConformance } from "@headgate/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectRedis } from "../../src/connect/connect.ts";
import { ExactStore } from "../../src/exact/exact-store.ts";
import { LeasedStore } from "../../src/leased/leased-store.ts";
import { RedisCentre } from "../../src/leased/redis-centre.ts";
import type { Link } from "../../src/link.ts";
import { hasAnyRedis, startAnyRedis } from "../servers/any-redis.ts";
import { startRedisCluster } from "../servers/redis-cluster.ts";
import { hasRedis } from "../servers/redis-server.ts";

const places = [
  { name: "a real Redis", isThere: hasAnyRedis, start: startAnyRedis },
  { name: "a real Cluster", isThere: hasRedis, start: startRedisCluster },
];

for (const { name, isThere, start } of places) {
  describe.skipIf(!isThere)(`over ${name}`, () => {
    let servers: { readonly url: string; end(): Promise<void> };
    let link: Link;
    beforeAll(async () => {
      servers = await start();
      link = await connectRedis(servers.url);
    });
    afterAll(async () => {
      await link.close();
      await servers.end();
    });

    storeConformance({ describe, expect, test }, "LeasedStore", () => {
      const options = { prefix: `test-${crypto.randomUUID()}`, time: "caller", graceMs: 600_000 } as const;
      return new LeasedStore({
        centre: new RedisCentre(link, options),
        exact: new ExactStore(link, options),
        clock: () => 0,
        every: () => () => {},
        processes: () => 1,
        memory: { maxPartitions: 100 },
        time: "caller",
      });
    });
  });
}

import { storeConformance } from "@headgate/core/testing";
import { afterAll, describe, expect, test } from "vitest";
import { connectRedis, type Link } from "../../src/index.ts";
import { startRedisCluster } from "../servers/redis-cluster.ts";
import { hasRedis, startRedis } from "../servers/redis-server.ts";
import { storeOver } from "./rig.ts";

const runner = { describe: describe.skipIf(!hasRedis), expect, test };

for (const [name, start] of [
  ["one server", startRedis],
  ["a Cluster", startRedisCluster],
] as const) {
  const servers = hasRedis ? await start() : undefined;
  const link = servers && (await connectRedis(servers.url));
  afterAll(async () => {
    await link?.close();
    await servers?.end();
  });
  storeConformance(runner, `ExactStore over ${name}`, () => storeOver(link as Link));
}

import { afterAll, describe, expect, test } from "vitest";
import { type RedisSentinel, startRedisSentinel } from "../servers/redis-sentinel.ts";
import { hasRedis } from "../servers/redis-server.ts";
import { connect, count, countAgain, faultOf, until } from "./rig.ts";

// A failover delays the next, so that each has servers of its own.
const [watched, doomed] = (hasRedis
  ? await Promise.all([startRedisSentinel(), startRedisSentinel()])
  : []) as RedisSentinel[] as [RedisSentinel, RedisSentinel];
afterAll(async () => {
  await watched?.end();
  await doomed?.end();
});

describe.skipIf(!hasRedis)("behind Sentinels", () => {
  test("a name that they do not know, and a Sentinel that is taken for a server, are faults of the URL", async () => {
    expect(await faultOf(connect(watched.url.replace("/main", "/other")))).toEqual({
      code: "HG_REDIS_URL",
      message: 'the Sentinels know no master "other"',
    });
    const [sentinel] = watched.sentinels;
    expect(await faultOf(connect(`redis://127.0.0.1:${sentinel?.port}`))).toEqual({
      code: "HG_REDIS_URL",
      message: expect.stringContaining("is a Sentinel"),
    });
  });

  test("the master is found though a Sentinel is away", async () => {
    const link = await connect(watched.url.replace("//", "//127.0.0.1:1,"));
    expect(await count(link, "found")).toBe(1);
  });

  // The old master runs on, and takes writes for seconds that it forgets when it is made a replica.
  test("counting goes on at the new master after a failover", async () => {
    const link = await connect(watched.url);
    await count(link, "key");
    await until(
      async () => watched.replica.cli("get", "key"),
      (value) => value === "1",
    );
    await watched.failOver();
    await until(
      () => countAgain(link, "key"),
      () => watched.replica.cli("get", "key") !== "1",
    );
    const counted = await count(link, "key");
    expect(watched.replica.cli("get", "key")).toBe(String(counted));
  });

  test("counting goes on at the replica when the master is lost", async () => {
    const link = await connect(doomed.url);
    await doomed.master.kill();
    const counted = await countAgain(link, "key");
    expect(doomed.replica.cli("get", "key")).toBe(String(counted));
  });
});

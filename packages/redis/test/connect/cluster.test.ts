import { afterAll, describe, expect, test } from "vitest";
import { type RedisCluster, startRedisCluster } from "../servers/redis-cluster.ts";
import { hasRedis, type RedisServer } from "../servers/redis-server.ts";
import { connect, count, countAgain, faultOf } from "./rig.ts";

const cluster = (hasRedis ? await startRedisCluster() : undefined) as RedisCluster;
afterAll(() => cluster?.end());

function otherThan(node: RedisServer): RedisServer {
  return cluster.nodes.find((candidate) => candidate !== node) as RedisServer;
}

describe.skipIf(!hasRedis)("a Cluster", () => {
  test("runs each script where its keys are", async () => {
    const link = await connect(cluster.url);
    expect(link.hasSlots).toBe(true);
    const keys = ["{a}1", "{b}1", "{c}1", "{d}1"];
    expect(await Promise.all(keys.map((key) => count(link, key)))).toEqual([1, 1, 1, 1]);
    const owners = keys.map((key) => cluster.nodeOf(link.slotOf(key)));
    expect(new Set(owners).size).toBe(cluster.nodes.length);
    expect(owners.map((owner, index) => owner.cli("get", keys[index] ?? ""))).toEqual(["1", "1", "1", "1"]);
  });

  test("is found out from any of its servers, called a Cluster or not", async () => {
    for (const [index, node] of cluster.nodes.entries()) {
      const link = await connect(node.url);
      expect(link.hasSlots).toBe(true);
      for (const key of ["{a}2", "{b}2", "{c}2"]) expect(await count(link, key)).toBe(index + 1);
    }
  });

  test("is found though some of the servers that the URL names are not there", async () => {
    const link = await connect(cluster.url.replace("//", "//127.0.0.1:1,"));
    expect(await count(link, "{a}3")).toBe(1);
  });

  test("counts each call once while a slot moves, and after", async () => {
    const link = await connect(cluster.url);
    const slot = link.slotOf("{a}4");
    const to = otherThan(cluster.nodeOf(slot));
    expect(await count(link, "{a}4")).toBe(1);
    cluster.beginMove(slot, to);
    // What is there stays there, and what is not begins at the new place, where the script is not known.
    expect(await count(link, "{a}4")).toBe(2);
    expect(await count(link, "{a}new")).toBe(1);
    expect(to.cli("script", "flush")).toBe("OK");
    expect(await Promise.all([count(link, "{a}new"), count(link, "{a}new")])).toEqual([2, 3]);
    cluster.finishMove(slot, to);
    expect(await Promise.all([count(link, "{a}4"), count(link, "{a}new")])).toEqual([3, 4]);
    expect(to.cli("get", "{a}new")).toBe("4");
  });

  test("is asked no more than once for what has moved, when that is known", async () => {
    const link = await connect(cluster.url);
    const slot = link.slotOf("{b}5");
    await count(link, "{b}5");
    cluster.beginMove(slot, otherThan(cluster.nodeOf(slot)));
    cluster.finishMove(slot, otherThan(cluster.nodeOf(slot)));
    await count(link, "{b}5");
    const before = link.commands;
    await count(link, "{b}5");
    expect(link.commands).toBe(before + 1);
  });

  test("that has lost a server counts on with the replica that takes over", async () => {
    const link = await connect(cluster.url);
    const lost = cluster.nodeOf(link.slotOf("{a}7"));
    const replica = await cluster.addReplica(lost);
    await lost.kill();
    expect(await faultOf(count(link, "{a}7"))).toMatchObject({ code: "HG_REDIS_UNREACHABLE" });
    expect(await countAgain(link, "{a}7")).toBe(1);
    expect(replica.cli("get", "{a}7")).toBe("1");
  });

  test("that cannot be reached says so", async () => {
    expect(await faultOf(connect("redis+cluster://127.0.0.1:1,127.0.0.1:2"))).toEqual({
      code: "HG_REDIS_UNREACHABLE",
      message: expect.stringContaining("Redis at 127.0.0.1:1 does not answer"),
    });
  });
});

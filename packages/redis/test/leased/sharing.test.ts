import { Worker } from "node:worker_threads";
import { type Claim, defineLimit, type LimitSpec, type Verdict } from "@headgate/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectRedis, type RedisLink } from "../../src/connect/connect.ts";
import { ExactStore } from "../../src/exact/exact-store.ts";
import { Heartbeat } from "../../src/leased/heartbeat.ts";
import { LeasedStore } from "../../src/leased/leased-store.ts";
import { RedisCentre } from "../../src/leased/redis-centre.ts";
import { hasRedis, type RedisServer, startRedis } from "../servers/redis-server.ts";
import { every, monotonicMs } from "./real-time.ts";

describe.skipIf(!hasRedis)("stores that share a Redis", () => {
  let server: RedisServer;
  const links: RedisLink[] = [];
  const stores: LeasedStore[] = [];
  beforeAll(async () => {
    server = await startRedis();
    for (let i = 0; i < 3; i++) links.push(await connectRedis(server.url));
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all(links.map((link) => link.close()));
    await server.end();
  });

  /** A store as another process would have it: with memory of its own. */
  function storeOn(link: RedisLink, processes = 2): LeasedStore {
    const options = { clock: monotonicMs, every, processes: () => processes, memory: { maxPartitions: 100 } };
    const store = new LeasedStore({ centre: new RedisCentre(link), exact: new ExactStore(link), ...options });
    stores.push(store);
    return store;
  }

  function claimOn(spec: Partial<LimitSpec> = {}): Claim {
    const name = crypto.randomUUID();
    return { limit: defineLimit({ name, quota: 500, windowMs: 600_000, ...spec }), partition: "caller", cost: 1 };
  }

  async function hammer(
    store: Pick<LeasedStore, "consume">,
    claims: readonly Claim[],
    requests: number,
  ): Promise<number> {
    let admitted = 0;
    for (let sent = 0; sent < requests; sent += 100) {
      const answers = Array.from({ length: 100 }, () => store.consume(claims, Date.now()));
      for (const verdicts of await Promise.all(answers)) if (isAdmitted(verdicts)) admitted += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return admitted;
  }

  for (const algorithm of ["fixed-window", "sliding-window"] as const) {
    test(`${algorithm}: admit the quota together, with a hundredth of a command a decision`, async () => {
      const [one, other] = links as [RedisLink, RedisLink];
      const claim = claimOn({ algorithm, quota: 5_000 });
      const before = one.commands + other.commands;
      const admitted = await Promise.all([
        hammer(storeOn(one), [claim], 10_000),
        hammer(storeOn(other), [claim], 10_000),
      ]);
      expect(admitted[0] + admitted[1]).toBe(5_000);
      expect((one.commands + other.commands - before) / 20_000).toBeLessThan(0.01);
    });
  }

  test("are exact together where one leases and the other asks each time", async () => {
    const [one, other] = links as [RedisLink, RedisLink];
    const claims = [claimOn(), claimOn({ quota: 700 })];
    const admitted = await Promise.all([hammer(storeOn(one), claims, 500), hammer(new ExactStore(other), claims, 500)]);
    expect(admitted[0] + admitted[1]).toBe(500);
  });

  test("send next to nothing for a flood that is denied", async () => {
    const [link] = links as [RedisLink];
    const store = storeOn(link);
    const claim = claimOn({ quota: 1 });
    await hammer(store, [claim], 100);
    const before = link.commands;
    expect(await hammer(store, [claim], 50_000)).toBe(0);
    expect((link.commands - before) / 50_000).toBeLessThan(0.001);
  });

  test("leave no key without an expiry, and none that tells a partition", async () => {
    const [link] = links as [RedisLink];
    const store = storeOn(link);
    const claim = { ...claimOn(), partition: "sk_secret" };
    for (let i = 0; i < 50; i++) await store.consume([claim], Date.now());
    await store.close();
    const keys = server.cli("KEYS", "*").split("\n").filter(Boolean);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).not.toContain("sk_secret");
      expect(Number(server.cli("PTTL", key))).toBeGreaterThan(0);
    }
  });

  test("in two threads of a process share its lease, and the quota", async () => {
    const [link] = links as [RedisLink];
    const { memory } = storeOn(link);
    const claim = claimOn({ quota: 3_000 });
    const { name, quota, windowMs } = claim.limit;
    const threads = [2, 3].map((owner) => {
      const workerData = {
        memory,
        owner,
        url: server.url,
        spec: { name, quota, windowMs },
        partition: claim.partition,
      };
      const worker = new Worker(new URL("./hammering-thread.ts", import.meta.url), { workerData });
      return new Promise<number>((resolve, reject) => worker.once("message", resolve).once("error", reject));
    });
    const [one, other] = (await Promise.all(threads)) as [number, number];
    expect(one + other).toBe(3_000);
  });

  test("know how many processes they are, until one leaves", async () => {
    const prefix = crypto.randomUUID();
    const beats = links.map((link) => new Heartbeat(link, { prefix, every: () => () => {} }));
    const counts = async () => {
      for (const heartbeat of beats) await heartbeat.beat();
      return beats.map(({ processes }) => processes);
    };
    expect(await counts()).toEqual([1, 2, 3]);
    expect(await counts()).toEqual([3, 3, 3]);
    await beats.pop()?.close();
    expect(await counts()).toEqual([2, 2]);
  });
});

function isAdmitted(verdicts: readonly Verdict[]): boolean {
  return verdicts.every(({ admitted }) => admitted);
}

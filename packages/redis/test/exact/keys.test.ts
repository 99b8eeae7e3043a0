import { type Claim, defineLimit } from "@headgate/core";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { connectRedis, ExactStore, type Link } from "../../src/index.ts";
import { PartitionKeys } from "../../src/partition-key.ts";
import { hasRedis, type RedisServer, startRedis } from "../servers/redis-server.ts";

const server = (hasRedis ? await startRedis() : undefined) as RedisServer;
const link = (hasRedis ? await connectRedis(server.url) : undefined) as Link;
afterAll(async () => {
  await link?.close();
  await server?.end();
});
beforeEach(() => void server?.cli("flushall"));

const NOW = 1_900_000_000_000;
const limits = [
  defineLimit({ name: "fixed", quota: 10, windowMs: 60_000 }),
  defineLimit({ name: "daily", quota: 10, calendar: { unit: "day", timezone: "Europe/Berlin" } }),
  defineLimit({ name: "sliding", quota: 10, windowMs: 60_000, algorithm: "sliding-window" }),
  defineLimit({ name: "bucket", quota: 10, windowMs: 60_000, algorithm: "token-bucket" }),
  defineLimit({ name: "in flight", quota: 10, algorithm: "concurrency" }),
];
/** One for all limits of a partition, and one for concurrency. */
const KEYS_OF_A_PARTITION = 2;
const claimsOf = (partition: string, cost = 1) => limits.map((limit) => ({ limit, partition, cost }));
const keys = () => server.cli("keys", "*").split("\n").filter(Boolean);
const ttlMs = (key: string) => Number(server.cli("pttl", key));

const STRANGE = [
  "",
  "a".repeat(1_000_000),
  `${"a".repeat(1_000_000)}b`,
  "}{",
  "{a}",
  "a}{b",
  "a\nb",
  "a\r\nb",
  "a\0",
  "a\0b",
  "\ud800",
  "\udfff",
  "\ufffd",
  "💧",
];

describe.skipIf(!hasRedis)("the keys of counters", () => {
  test("all expire", async () => {
    const store = new ExactStore(link);
    for (let i = 0; i < 5; i++) {
      for (let caller = 0; caller < 4; caller++) {
        const claims = claimsOf(`caller ${caller}`);
        const verdicts = await store.consume(claims, Date.now());
        await store.refund(
          claims.map((claim, place) => ({ claim, ticket: verdicts[place]?.ticket ?? 0 })).slice(0, i),
          Date.now(),
        );
        await store.charge(claimsOf(`caller ${caller}`, 0), Date.now());
      }
    }
    expect(keys()).toHaveLength(4 * KEYS_OF_A_PARTITION);
    const longest = 2 * 86_400_000;
    for (const key of keys()) {
      expect(ttlMs(key)).toBeGreaterThan(0);
      expect(ttlMs(key)).toBeLessThan(longest);
    }
  });

  test("expire later when what was charged lasts longer", async () => {
    const store = new ExactStore(link);
    const bucket = {
      limit: defineLimit({ name: "slow", quota: 1, burst: 1_000, windowMs: 60_000, algorithm: "token-bucket" }),
      partition: "a",
    };
    for (const cost of [1, 100, 800]) {
      const [verdict] = await store.consume([{ ...bucket, cost }], Date.now());
      const [key] = keys() as [string];
      expect(ttlMs(key)).toBeGreaterThan((verdict?.resetMs ?? 0) - 1_000);
    }
  });

  test("are there only for what was charged", async () => {
    const store = new ExactStore(link);
    await store.peek(claimsOf("a stranger"), Date.now());
    await store.consume(claimsOf("a stranger", 11), Date.now());
    expect(keys()).toEqual([]);
  });

  test("hold no credential, and none of a partition are in another slot than the rest", async () => {
    const store = new ExactStore(link, { prefix: "mine" });
    const secret = "lp_live_0123456789abcdef";
    await store.consume(claimsOf(secret), Date.now());
    expect(keys()).toHaveLength(KEYS_OF_A_PARTITION);
    const tags = keys().map((key) => /^mine:\{([\w-]{22})\}/.exec(key)?.[1]);
    expect(new Set(tags).size).toBe(1);
    expect(JSON.stringify(keys().map((key) => server.cli("get", key)))).not.toContain(secret);
    expect(keys().join()).not.toContain(secret);
  });

  test("of any partition are its own, however long and whatever is in it", async () => {
    const store = new ExactStore(link, { time: "caller" });
    for (const [count, partition] of STRANGE.entries()) {
      await store.charge(claimsOf(partition, count + 1), NOW);
    }
    for (const [count, partition] of STRANGE.entries()) {
      const used = (await store.peek(claimsOf(partition), NOW)).map((verdict) => verdict.used);
      expect(used).toEqual([count + 1, count + 1, count + 1, count + 1, 1]);
    }
    expect(keys()).toHaveLength(STRANGE.length * KEYS_OF_A_PARTITION);
  });

  test("are gone when they have been reset", async () => {
    const store = new ExactStore(link);
    await store.consume([...claimsOf("a"), ...claimsOf("b")], Date.now());
    await store.reset(claimsOf("a"));
    expect(keys()).toHaveLength(KEYS_OF_A_PARTITION);
  });

  test("lose only the counters that have been reset, and none that others have in them", async () => {
    const store = new ExactStore(link, { time: "caller" });
    for (const forgotten of claimsOf("a")) {
      await store.reset(claimsOf("a"));
      await store.charge(claimsOf("a"), NOW);
      await store.reset([forgotten]);
      const used = (await store.peek(claimsOf("a"), NOW)).map((verdict) => verdict.used);
      expect(used).toEqual(limits.map((limit) => (limit === forgotten.limit ? 0 : 1)));
    }
  });

  test("last as long as the counter in them that lasts longest, whichever is charged last", async () => {
    const store = new ExactStore(link);
    const [short, long] = [60_000, 3_600_000].map((windowMs) => {
      return { limit: defineLimit({ name: `${windowMs} ms`, quota: 10, windowMs }), partition: "a", cost: 1 };
    }) as [Claim, Claim];
    for (const claim of [short, long, short]) await store.consume([claim], Date.now());
    expect(keys()).toHaveLength(1);
    expect(ttlMs(keys()[0] as string)).toBeGreaterThan(3_500_000);
  });

  test("do not hold on to counters that have expired", async () => {
    const store = new ExactStore(link, { graceMs: 0 });
    const fleeting = defineLimit({ name: "fleeting", quota: 10, windowMs: 20 });
    const lasting = defineLimit({ name: "lasting", quota: 1_000_000, windowMs: 60_000 });
    const claim = { partition: "a", cost: 1 };
    await store.charge(
      [fleeting, lasting].map((limit) => ({ ...claim, limit })),
      Date.now(),
    );
    const [key] = keys() as [string];
    const counters = async () => {
      await store.charge([{ ...claim, limit: lasting }], Date.now());
      return Number(server.cli("strlen", key)) / 40;
    };
    await expect.poll(counters).toBe(1);
  });
});

test("a partition has the same keys in every process, also when its tag is not remembered any more", () => {
  const [limit] = limits as [(typeof limits)[0]];
  const names = new PartitionKeys("hg");
  const before = names.keyOf(limit, "caller");
  for (let i = 0; i < 20_001; i++) names.keyOf(limit, `another ${i}`);
  expect(names.keyOf(limit, "caller")).toBe(before);
  expect(new PartitionKeys("hg").keyOf(limit, "caller")).toBe(before);
  expect(before).toMatch(/^hg:\{[\w-]{22}\}$/);
});

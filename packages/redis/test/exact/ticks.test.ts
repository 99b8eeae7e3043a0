import { type Claim, defineLimit } from "@headgate/core";
import { afterAll, describe, expect, test } from "vitest";
import { connectRedis, ExactStore, type RedisLink } from "../../src/index.ts";
import { hasRedis, type RedisServer, startRedis } from "../servers/redis-server.ts";
import { storeOver, watched } from "./rig.ts";

const server = (hasRedis ? await startRedis() : undefined) as RedisServer;
const link = (hasRedis ? await connectRedis(server.url) : undefined) as RedisLink;
afterAll(async () => {
  await link?.close();
  await server?.end();
});

const NOW = 1_900_000_000_000;
const limit = defineLimit({ name: "ten", quota: 10, windowMs: 60_000 });
const bucket = defineLimit({ name: "bucket", quota: 10, windowMs: 60_000, algorithm: "token-bucket" });
const callers = Array.from({ length: 30 }, (_, i) => `caller ${i}`);
const claimsOf = (partition: string, cost = 1): Claim[] => [
  { limit, partition, cost },
  { limit: bucket, partition, cost },
];

/** How often the server has run a command since it was asked to count anew. */
function callsOf(command: string): number {
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(server.cli("info", "commandstats"))?.[1] ?? 0);
}

describe.skipIf(!hasRedis)("what is asked in one tick", () => {
  test("is one command, which reads all keys at once and writes each once", async () => {
    const store = storeOver(link);
    await store.consume(claimsOf("caller 0"), NOW);
    server.cli("config", "resetstat");
    const before = link.commands;
    const twice = [...callers, ...callers];
    await Promise.all(twice.map((caller) => store.consume(claimsOf(caller), NOW)));
    expect(link.commands - before).toBe(1);
    const commands = ["evalsha", "time", "mget", "set", "setrange"];
    // What was there is written over; the others are set, for their expiry.
    expect(commands.map(callsOf)).toEqual([1, 1, 1, 29, 1]);
  });

  test("is decided in the order in which it was asked", async () => {
    const store = storeOver(link);
    const claim = { limit, partition: "everybody", cost: 1 };
    const told = await Promise.all(callers.map(() => store.consume([claim], NOW)));
    expect(told.map(([verdict]) => verdict?.admitted)).toEqual(callers.map((_, i) => i < 10));
    expect(told.map(([verdict]) => verdict?.remaining)).toEqual(callers.map((_, i) => Math.max(0, 9 - i)));
  });

  test("is several commands when it is more than Redis should do at one go", async () => {
    const seen = watched(link);
    const store = storeOver(seen);
    const many = Array.from({ length: 1_000 }, (_, i) => claimsOf(`one of many ${i}`));
    const told = await Promise.all(many.map((claims) => store.consume(claims, NOW)));
    expect(told.every((verdicts) => verdicts.every(({ used }) => used === 1))).toBe(true);
    expect(seen.runs.map(({ keys }) => keys.length)).toEqual([...Array.from({ length: 15 }, () => 64), 40]);
  });

  test("is rejected together when the call fails, and what is asked after it is not", async () => {
    const failure = new Error("lost");
    let isLost = true;
    const store = storeOver(
      watched(link, () => {
        if (isLost) throw failure;
      }),
    );
    const outcomes = await Promise.allSettled(callers.map((caller) => store.consume(claimsOf(caller), NOW)));
    expect(outcomes.every((outcome) => outcome.status === "rejected" && outcome.reason === failure)).toBe(true);
    isLost = false;
    expect((await store.consume(claimsOf("caller 0"), NOW)).map(({ used }) => used)).toEqual([1, 1]);
  });

  test("is not asked at all where nothing is to be decided or the claims cannot be", async () => {
    const seen = watched(link);
    const store = storeOver(seen);
    expect(await store.consume([], NOW)).toEqual([]);
    await store.reset([]);
    const tooMany = Array.from({ length: 65 }, () => claimsOf("a")[0] as Claim);
    await expect(store.consume(tooMany, NOW)).rejects.toMatchObject({ code: "HG_TOO_MANY_LIMITS" });
    await expect(store.charge(claimsOf("a", 0.5), NOW)).rejects.toMatchObject({ code: "HG_CLAIM_INVALID" });
    await expect(store.peek(claimsOf("a"), Number.NaN)).rejects.toMatchObject({ code: "HG_CLAIM_INVALID" });
    expect(seen.runs).toEqual([]);
  });
});

describe.skipIf(!hasRedis)("Redis's own clock", () => {
  const daily = defineLimit({ name: "daily", quota: 10, calendar: { unit: "day", timezone: "Asia/Kathmandu" } });
  const DAY_MS = 86_400_000;

  test("decides, not that of the caller", async () => {
    const store = new ExactStore(link, { prefix: "clock" });
    const [verdict] = await store.consume([{ limit, partition: "a", cost: 10 }], Date.now());
    expect(verdict?.resetMs).toBe(60_000);
    const [later] = await store.consume([{ limit, partition: "a", cost: 1 }], Date.now() + 3 * 60_000);
    expect(later?.admitted).toBe(false);
  });

  test("finds its calendar window though the caller's clock is a day behind or ahead", async () => {
    const store = new ExactStore(link, { prefix: "calendar" });
    const claim = { limit: daily, partition: "a", cost: 1 };
    const resets = [];
    for (const aside of [0, -DAY_MS, DAY_MS])
      resets.push((await store.consume([claim], Date.now() + aside))[0]?.resetMs ?? 0);
    const [first = 0] = resets;
    for (const resetMs of resets) expect(Math.abs(resetMs - first)).toBeLessThan(60_000);
  });

  test("further from the caller's than that is an error, since no window is known", async () => {
    const store = new ExactStore(link, { prefix: "calendar" });
    const claim = { limit: daily, partition: "a", cost: 1 };
    await expect(store.consume([claim], Date.now() + 5 * DAY_MS)).rejects.toThrow("more than a calendar window apart");
  });
});

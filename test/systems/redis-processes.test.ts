import { defineLimit } from "@headgate/core";
import { connectRedis, ExactStore } from "@headgate/redis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hasRedis, type RedisServer, startRedis } from "../../packages/redis/test/servers/redis-server.ts";
import { Admissions } from "./redis-callers/admissions.ts";
import { CallerProcess, type CallerSettings } from "./redis-callers/caller-process.ts";

const DEMAND = 40_000;
const LANES = 64;
/** A budget that no answer takes, even where four processes share a slow core: what is asked is answered. */
const ALL_THE_TIME_MS = 10_000;

let redis: RedisServer;
beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});
afterAll(() => redis?.end());

interface Callers {
  readonly processes: readonly CallerProcess[];
  readonly admissions: Admissions;
}

/** Four processes that are all connected, until the test ends. */
async function startCallers(settings: Omit<CallerSettings, "url" | "budgetMs">): Promise<Callers> {
  const admissions = new Admissions(settings.windowMs);
  const start = () => CallerProcess.start({ ...settings, url: redis.url, budgetMs: ALL_THE_TIME_MS }, admissions);
  const processes = await Promise.all([start(), start(), start(), start()]);
  onTestFinished(async () => {
    await Promise.all(processes.map((process) => process.kill()));
  });
  return { processes, admissions };
}

describe.skipIf(!hasRedis)("four processes with one quota", () => {
  test.for([
    { mode: "exact", atLeast: 10_000 },
    { mode: "leased", atLeast: 9_900 },
  ] as const)("are admitted $atLeast to 10 000 of 40 000 requests, however these are spread: $mode", async (how) => {
    const { mode, atLeast } = how;
    const { processes, admissions } = await startCallers({ mode, quota: 10_000, windowMs: 10_000 });
    const [first] = processes as [CallerProcess];
    await Promise.all(
      processes.map((process) => process.call({ partition: `even-${mode}`, requests: DEMAND / 4, lanes: LANES })),
    );
    await first.call({ partition: `one-${mode}`, requests: DEMAND, lanes: LANES });

    for (const partition of [`even-${mode}`, `one-${mode}`]) {
      // A slow machine may be at it in a second window, too.
      const windows = admissions.of(partition);
      expect(windows[0]).toBeGreaterThanOrEqual(atLeast);
      expect(Math.max(...windows)).toBeLessThanOrEqual(10_000);
    }
    expect(admissions.late).toBe(0);
  });

  test("are admitted no more when one of them is killed with a lease, and all of it in the next window", async () => {
    const quota = 1_000;
    const windowMs = 2_000;
    const { processes, admissions } = await startCallers({ mode: "leased", quota, windowMs });
    const [victim, ...others] = processes as [CallerProcess, ...CallerProcess[]];
    await victim.call({ partition: "killed", requests: 30, lanes: 1, dies: true });
    const leased = (await usedOf("killed", quota, windowMs)) - 30;
    expect(leased).toBeGreaterThan(0);

    const load = { partition: "killed", requests: Number.MAX_SAFE_INTEGER, lanes: 16, everyMs: 10 };
    for (const process of others) void process.call(load);
    await expect.poll(() => admissions.of("killed").length, { timeout: 20_000 }).toBeGreaterThan(2);
    const [withDeath = 0, next = 0] = admissions.of("killed");
    expect(withDeath).toBeLessThanOrEqual(quota - leased);
    expect(next).toBeGreaterThanOrEqual(0.99 * quota);
    expect(next).toBeLessThanOrEqual(quota);
    expect(admissions.late).toBe(0);
  });
});

/** What is charged in Redis, leases among it: both modes keep the same counters. */
async function usedOf(partition: string, quota: number, windowMs: number): Promise<number> {
  const link = await connectRedis(redis.url);
  onTestFinished(() => link.close());
  const limit = defineLimit({ name: "calls", quota, windowMs });
  const [verdict] = await new ExactStore(link).peek([{ limit, partition, cost: 1 }], 0);
  return verdict?.used ?? 0;
}

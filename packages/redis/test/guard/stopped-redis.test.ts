import { defineLimit } from "@headgate/core";
import { connectRedis, GuardedLink, type RedisLink } from "@headgate/redis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ExactStore } from "../../src/exact/exact-store.ts";
import { hasRedis, type RedisServer, startRedis } from "../servers/redis-server.ts";

const LIMIT = defineLimit({ name: "calls", quota: 1_000_000, windowMs: 60_000 });
/** So long that an answer never takes it on a busy machine, unless the server is stopped. */
const BUDGET_MS = 300;

describe.skipIf(!hasRedis)("a store behind a guard", () => {
  let server: RedisServer;
  let link: RedisLink;
  let store: ExactStore;
  let log: string[];

  beforeAll(async () => {
    server = await startRedis({ persistent: true });
    link = await connectRedis(server.url);
  });
  beforeEach(() => {
    log = [];
    const note = (event: string): void => void log.push(event);
    const clock = (): number => performance.now();
    store = new ExactStore(new GuardedLink(link, { budgetMs: BUDGET_MS, clock, log: { info: note, warn: note } }));
  });
  afterAll(async () => {
    await link.close();
    await server.end();
  });

  /** What is used after one more unit, or the error's code. */
  const consume = (): Promise<number | string> =>
    store
      .consume([{ limit: LIMIT, partition: "one", cost: 1 }], 0)
      .then(([verdict]) => verdict?.used ?? 0)
      .catch(({ code }) => code);

  /** One request a tick, so that each is a call of its own. */
  async function calls(count: number): Promise<(number | string)[]> {
    const asked: Promise<number | string>[] = [];
    for (let i = 0; i < count; i++) {
      asked.push(consume());
      await new Promise((resolve) => setImmediate(resolve));
    }
    return Promise.all(asked);
  }

  test("gives up a Redis that is stopped, and counts on once it goes on", async () => {
    const before = (await consume()) as number;
    server.stop();
    expect(await calls(5)).toEqual(Array(5).fill("HG_STORE_TIMEOUT"));
    expect(await consume()).toBe("HG_STORE_AWAY");
    server.cont();
    // What it had been sent before it was given up has been counted.
    await expect.poll(consume, { timeout: 20_000 }).toBeGreaterThan(before + 5);
    expect(log).toEqual(["store-failing", "store-recovered"]);
  });

  test("gives up a Redis that is killed at the first call, and counts on when it runs again", async () => {
    const before = (await consume()) as number;
    await server.kill();
    await expect.poll(consume).toBe("HG_STORE_AWAY");
    await server.restart();
    await expect.poll(consume, { timeout: 20_000 }).toBe(before + 1);
    expect(log).toEqual(["store-failing", "store-recovered"]);
  });
});

import { createRequire } from "node:module";
import { defineLimit, type Store } from "@headgate/core";
import { connectRedis, ExactStore, Heartbeat, LeasedStore, RedisCentre } from "@headgate/redis";
import { redisStore } from "@joint-ops/hitlimit/stores/redis";
import { Redis } from "ioredis";
import { RedisStore as ExpressStore } from "rate-limit-redis";
import { RateLimiterRedis, RateLimiterUnion } from "rate-limiter-flexible";
import { createClient } from "redis";

const WINDOW_MS = 3_600_000;
/** Never reached: every decision admits. */
export const QUOTA = 1_000_000_000;
const SWEEP = (intervalMs: number, run: () => void): (() => void) => {
  const timer = setInterval(run, intervalMs);
  return () => clearInterval(timer);
};

/** Something that decides for a caller, with all that it counts in one Redis. */
export interface RedisCandidate {
  readonly name: string;
  decide(key: string): unknown;
  close(): unknown;
}

/** What `@fastify/rate-limit` keeps in Redis; not exported by the package, so taken from its folder. */
interface FastifyStore {
  incr(
    key: string,
    done: (error: Error | null, result: { current: number }) => void,
    windowMs: number,
    max: number,
  ): void;
}
type FastifyStoreClass = new (
  continueExceeding: boolean,
  backoff: boolean,
  redis: Redis,
  prefix: string,
) => FastifyStore;

/** Headgate and its peers over one server, each on a connection of its own. */
export async function redisCandidates(url: string): Promise<RedisCandidate[]> {
  return [
    await exact("headgate exact", url, 1),
    await exact("headgate exact, 3 limits", url, 3),
    await flexible("rate-limiter-flexible, node-redis", url, 1),
    await flexible("rate-limiter-flexible, node-redis, 3 limits", url, 3),
    flexibleOnIoredis("rate-limiter-flexible, ioredis", url, 1),
    flexibleOnIoredis("rate-limiter-flexible, ioredis, 3 limits", url, 3),
    await expressRateLimit("rate-limit-redis, node-redis", url),
    fastify("@fastify/rate-limit, ioredis", url),
    hitlimit("@joint-ops/hitlimit, ioredis", url),
  ];
}

/** Headgate with leases; counts the commands that it sends. */
export async function leased(url: string, quota: number): Promise<RedisCandidate & { commands(): number }> {
  const link = await connectRedis(url);
  const prefix = `leased${quota}`;
  const heartbeat = new Heartbeat(link, { prefix, every: SWEEP });
  await heartbeat.beat();
  const store = new LeasedStore({
    centre: new RedisCentre(link, { prefix }),
    exact: new ExactStore(link, { prefix }),
    clock: () => Math.floor(performance.now()),
    every: SWEEP,
    processes: () => heartbeat.processes,
  });
  return {
    ...deciding("headgate leased", store, 1, quota),
    commands: () => link.commands,
    async close() {
      await store.close();
      await heartbeat.close();
      await link.close();
    },
  };
}

async function exact(name: string, url: string, limits: number): Promise<RedisCandidate> {
  const link = await connectRedis(url);
  const store = new ExactStore(link, { prefix: `exact${limits}` });
  return { ...deciding(name, store, limits, QUOTA), close: () => link.close() };
}

/** A request that meets so many limits of one caller, all or nothing. */
function deciding(name: string, store: Store, count: number, quota: number): Pick<RedisCandidate, "name" | "decide"> {
  const limits = Array.from({ length: count }, (_, i) => {
    return defineLimit({ name: `limit ${i}`, quota, windowMs: WINDOW_MS });
  });
  return {
    name,
    decide: (partition) =>
      store.consume(
        limits.map((limit) => ({ limit, partition, cost: 1 })),
        Date.now(),
      ),
  };
}

/** node-redis 6 makes an abort signal for each command unless its timeout is off: without it peers are faster. */
async function nodeRedis(url: string) {
  const client = createClient({ url, commandOptions: { timeout: 0 } } as Parameters<typeof createClient>[0]);
  await client.connect();
  return client;
}

async function flexible(name: string, url: string, limits: number): Promise<RedisCandidate> {
  const client = await nodeRedis(url);
  return { name, decide: flexibleBy(client, limits, true), close: () => client.destroy() };
}

function flexibleOnIoredis(name: string, url: string, limits: number): RedisCandidate {
  const client = new Redis(url);
  return { name, decide: flexibleBy(client, limits, false), close: () => client.disconnect() };
}

/** Several limits are its union: as many calls, and what one denies the others have counted. */
function flexibleBy(storeClient: unknown, count: number, useRedisPackage: boolean): (key: string) => Promise<unknown> {
  const limiters = Array.from({ length: count }, (_, i) => {
    const [points, duration, keyPrefix] = [QUOTA, WINDOW_MS / 1000, `flexible${i}`];
    return new RateLimiterRedis({ storeClient, useRedisPackage, points, duration, keyPrefix });
  });
  const [only] = limiters;
  if (only && count === 1) return (key) => only.consume(key);
  const union = new RateLimiterUnion(...limiters);
  return (key) => union.consume(key);
}

async function expressRateLimit(name: string, url: string): Promise<RedisCandidate> {
  const client = await nodeRedis(url);
  const store = new ExpressStore({ sendCommand: (...args: string[]) => client.sendCommand(args) });
  await store.init?.({ windowMs: WINDOW_MS } as Parameters<NonNullable<typeof store.init>>[0]);
  return { name, decide: (key) => store.increment(key), close: () => client.destroy() };
}

function fastify(name: string, url: string): RedisCandidate {
  const FastifyRedis: FastifyStoreClass = createRequire(import.meta.url)("@fastify/rate-limit/store/RedisStore.js");
  const client = new Redis(url);
  const store = new FastifyRedis(false, false, client, "fastify-");
  return {
    name,
    decide: (key) =>
      new Promise((resolve, reject) => {
        store.incr(key, (error, result) => (error ? reject(error) : resolve(result.current)), WINDOW_MS, QUOTA);
      }),
    close: () => client.disconnect(),
  };
}

function hitlimit(name: string, url: string): RedisCandidate {
  const store = redisStore({ url });
  return { name, decide: (key) => store.hit(key, WINDOW_MS, QUOTA), close: () => store.shutdown?.() };
}

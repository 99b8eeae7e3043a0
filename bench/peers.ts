import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import { defineLimit, Limiter, MemoryStore, toDecision } from "@headgate/core";
import { createHitLimit } from "@joint-ops/hitlimit/node";
import { memoryStore } from "@joint-ops/hitlimit/stores/memory";
import { MemoryStore as ExpressStore } from "express-rate-limit";
import { MemoryStore as HonoStore } from "hono-rate-limiter";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { Candidate } from "./measure.ts";

const WINDOW_MS = 3_600_000;
/** Never reached: every decision admits. */
const QUOTA = 1_000_000_000;

/** What `@fastify/rate-limit` keeps in memory; not exported by the package, so taken from its folder. */
interface FastifyStore {
  incr(key: string, done: (error: null, result: { current: number }) => void, windowMs: number, max: number): void;
}
type FastifyStoreClass = new (continueExceeding: boolean, exponentialBackoff: boolean, cache: number) => FastifyStore;
const LocalStore: FastifyStoreClass = createRequire(import.meta.url)("@fastify/rate-limit/store/LocalStore.js");

/**
 * Headgate and its peers, each with an empty store that has room for all the callers, deciding for them in turn, over and
 * over. A store is called the way its own middleware calls it, and everybody reads the clock for every decision.
 */
export function peers(callers: readonly string[]): Candidate[] {
  const limit = defineLimit({ name: "api", quota: QUOTA, windowMs: WINDOW_MS });
  const headgate = new MemoryStore({ maxPartitions: Math.max(callers.length, 1000) });
  const alone = new MemoryStore({ maxPartitions: Math.max(callers.length, 1000) });
  const limiter = new Limiter(limit, alone);
  const flexible = new RateLimiterMemory({ points: QUOTA, duration: WINDOW_MS / 1000 });
  const express = new ExpressStore();
  express.init({ windowMs: WINDOW_MS } as Parameters<typeof express.init>[0]);
  const hono = new HonoStore();
  hono.init({ windowMs: WINDOW_MS } as Parameters<typeof hono.init>[0]);
  const fastify = new LocalStore(false, false, Math.max(callers.length, 5000));
  const noHeaders = { standard: false, legacy: false, retryAfterOnLimit: false };
  const hitlimit = createHitLimit({ limit: QUOTA, window: WINDOW_MS, store: memoryStore(), headers: noHeaders });
  const socket = { remoteAddress: "" };
  const request = { socket } as unknown as IncomingMessage;

  return [
    {
      ...synchronous("headgate", callers, (key) => {
        const decision = toDecision(headgate.consume([{ limit, partition: key, cost: 1 }], Date.now()));
        return decision.binding?.remaining ?? 0;
      }),
      sharedBytes: headgate.memory.byteLength,
    },
    {
      ...synchronous("headgate, one limit", callers, (key) => limiter.take(key, Date.now()).remaining),
      sharedBytes: alone.memory.byteLength,
    },
    awaited("rate-limiter-flexible", callers, async (key) => (await flexible.consume(key)).remainingPoints),
    awaited("express-rate-limit", callers, async (key) => (await express.increment(key)).totalHits),
    awaited("hono-rate-limiter", callers, async (key) => (await hono.increment(key)).totalHits),
    awaited("@fastify/rate-limit", callers, async (key) => {
      const result = await new Promise<{ current: number }>((resolve) => {
        fastify.incr(key, (_, entry) => resolve(entry), WINDOW_MS, QUOTA);
      });
      return result.current;
    }),
    synchronous("@joint-ops/hitlimit", callers, (key) => {
      socket.remoteAddress = key;
      return (hitlimit.check(request) as { info: { remaining: number } }).info.remaining;
    }),
  ];
}

function synchronous(name: string, callers: readonly string[], decide: (key: string) => number): Candidate {
  let next = 0;
  return {
    name,
    run(count) {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        sum += decide(callers[next] as string);
        next = next + 1 === callers.length ? 0 : next + 1;
      }
      return sum;
    },
  };
}

function awaited(name: string, callers: readonly string[], decide: (key: string) => Promise<number>): Candidate {
  let next = 0;
  return {
    name,
    async run(count) {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        sum += await decide(callers[next] as string);
        next = next + 1 === callers.length ? 0 : next + 1;
      }
      return sum;
    },
  };
}

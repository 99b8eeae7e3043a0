import { randomUUID } from "node:crypto";
import { HeadgateError, MemoryStore } from "@headgate/core";
import { DEFAULT_REDIS, type Policy } from "@headgate/policy";

/** Where counters live, as it is told to every thread that counts. */
export type CountersPlace = MemoryPlace | RedisPlace;

/** In memory that the threads share. */
export interface MemoryPlace {
  readonly kind: "memory";
  readonly memory: SharedArrayBuffer;
}

/** In Redis. */
export interface RedisPlace {
  readonly kind: "redis";
  readonly url: string;
  readonly mode: "exact" | "leased";
  readonly budgetMs: number;
  readonly prefix: string;
  /** Counts in Redis's place while it is away, for limits that ask for it. */
  readonly memory: SharedArrayBuffer;
  /** What this process is called among those that share the quotas. */
  readonly processName: string;
  /** The leases of this process; made by the thread that opens them first. */
  readonly leases: SharedArrayBuffer | undefined;
}

/**
 * Where a policy wants its counters: in memory, unless it names a Redis, or the environment names one and the policy says
 * nothing. What the environment names stands in for the policy's URL, so that a password need not be in the file. Throws
 * `HG_REDIS_URL` where nobody names one.
 */
export function placeCounters({ store, maxPartitions }: Policy, environmentUrl: string | undefined): CountersPlace {
  const { memory } = new MemoryStore({ maxPartitions });
  const redis = store ?? (environmentUrl === undefined ? undefined : DEFAULT_REDIS);
  if (redis?.kind !== "redis") return { kind: "memory", memory };
  const url = environmentUrl ?? redis.url;
  if (url === undefined) {
    const advice = "set store.redis.url, or REDIS_URL in the environment";
    throw new HeadgateError(
      "HG_REDIS_URL",
      `the policy wants its counters in Redis, and does not say in which: ${advice}`,
    );
  }
  return { ...redis, url, memory, processName: randomUUID(), leases: undefined };
}

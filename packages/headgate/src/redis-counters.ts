import { MemoryStore } from "@headgate/core";
import { WithoutStore } from "@headgate/policy";
import { connectRedis, ExactStore, GuardedLink } from "@headgate/redis";
import type { Counters, CountersOptions } from "./counters.ts";
import type { RedisPlace } from "./counters-place.ts";

/** Opens counters in Redis. Rejects with `HG_REDIS_…` where they cannot be kept there. */
export async function inRedis(place: RedisPlace, { owner, log }: CountersOptions): Promise<Counters> {
  const { url, budgetMs, prefix, memory } = place;
  const redis = await connectRedis(url);
  const link = new GuardedLink(redis, { budgetMs, clock: () => performance.now(), log });
  const local = new MemoryStore(memory, owner);
  const withoutStore = new WithoutStore({ local, log });
  return {
    store: new ExactStore(link, { prefix }),
    withoutStore,
    numbers: () => ({ ...link.numbers, commands: redis.commands, outcomes: withoutStore.counts }),
    recover: (dead) => local.recover(dead),
    close: () => link.close(),
  };
}

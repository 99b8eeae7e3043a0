import { every } from "@headgate/control/timer";
import { MemoryStore } from "@headgate/core";
import { WithoutStore } from "@headgate/policy";
import { connectRedis, ExactStore, GuardedLink, Heartbeat, LeasedStore, RedisCentre } from "@headgate/redis";
import type { Counters, CountersOptions } from "./counters.ts";
import type { RedisPlace } from "./counters-place.ts";
import { monotonicMs } from "./monotonic-clock.ts";

/** Opens counters in Redis. Rejects with `HG_REDIS_…` where they cannot be kept there. */
export async function inRedis(place: RedisPlace, { owner, log }: CountersOptions): Promise<Counters> {
  const { url, mode, budgetMs, prefix, memory, processName } = place;
  const redis = await connectRedis(url);
  const link = new GuardedLink(redis, { budgetMs, clock: monotonicMs, log });
  const heartbeat = new Heartbeat(link, { prefix, name: processName, every });
  await heartbeat.beat();
  const instances = (): number => heartbeat.processes;
  const local = new MemoryStore(memory, owner);
  const withoutStore = new WithoutStore({ local, instances, log });
  const exact = new ExactStore(link, { prefix });
  const opened = {
    withoutStore,
    numbers: () => ({ ...link.numbers, commands: redis.commands, outcomes: withoutStore.counts }),
  };
  const disconnect = async (): Promise<void> => {
    await heartbeat.close();
    await link.close();
  };
  if (mode === "exact") {
    return { ...opened, store: exact, place, recover: (dead) => local.recover(dead), close: disconnect };
  }
  const leased = new LeasedStore({
    centre: new RedisCentre(link, { prefix }),
    exact,
    clock: monotonicMs,
    every,
    processes: instances,
    owner: local.owner,
    ...(place.leases && { memory: place.leases }),
  });
  return {
    ...opened,
    store: leased,
    place: { ...place, leases: leased.memory },
    recover(dead) {
      local.recover(dead);
      leased.recover(dead);
    },
    async close() {
      await leased.close();
      await disconnect();
    },
  };
}

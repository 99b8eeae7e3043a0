import type { StoreNumbers } from "@headgate/control";
import { MemoryStore, type Store } from "@headgate/core";
import type { GatewayLog } from "@headgate/gateway";
import type { WithoutStore } from "@headgate/policy";
import type { CountersPlace, MemoryPlace } from "./counters-place.ts";

/** Counters that one thread has opened. */
export interface Counters {
  readonly store: Store;
  /** Where other threads of this process find them. */
  readonly place: CountersPlace;
  /** Decides where the store fails; undefined where it cannot. */
  readonly withoutStore: WithoutStore | undefined;
  /** What this thread has seen of a store across a network; undefined of one in memory. */
  readonly numbers: (() => StoreNumbers) | undefined;
  /** Frees what a thread that has died had locked, by its number. Once for each death, in one thread. */
  recover(dead: number): void;
  close(): Promise<void>;
}

/** What a thread opens counters with. */
export interface CountersOptions {
  /** The thread's number, from 1; undefined for the main one. */
  readonly owner?: number;
  readonly log: GatewayLog;
}

/** Opens the counters in this thread. Rejects with `HG_REDIS_…` where they cannot be kept there. */
export async function openCounters(place: CountersPlace, options: CountersOptions): Promise<Counters> {
  if (place.kind === "memory") return inMemory(place, options);
  // Redis's client takes a while to load, and most gates need none.
  const { inRedis } = await import("./redis-counters.ts");
  return inRedis(place, options);
}

function inMemory(place: MemoryPlace, { owner }: CountersOptions): Counters {
  const store = new MemoryStore(place.memory, owner);
  return {
    store,
    place,
    withoutStore: undefined,
    numbers: undefined,
    recover: (dead) => store.recover(dead),
    async close() {},
  };
}

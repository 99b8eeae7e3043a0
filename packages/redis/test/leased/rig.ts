import { type Claim, defineLimit, type LimitSpec, MemoryStore } from "@headgate/core";
import type { Centre } from "../../src/leased/centre.ts";
import { LeasedStore, type LeasedStoreOptions } from "../../src/leased/leased-store.ts";
import { Counters } from "./counters.ts";

export const START = 1_900_000_012_345;

/** A centre in this process that answers in the same tick, and counts what it is asked. Its time is the caller's. */
export class NearCentre implements Centre {
  readonly counters = new Counters();
  questions = 0;
  /** What questions are answered with instead, if anything. */
  failure: Error | undefined;
  #settlements = 0;

  take: Centre["take"] = async (counter, order, now) => {
    await this.#arrive();
    return this.counters.take(counter, order(), now);
  };

  charge: Centre["charge"] = async (counter, units, now) => {
    await this.#arrive();
    return this.counters.charge(counter, units, now);
  };

  settle: Centre["settle"] = async (counter, units, ticket, now) => {
    const number = ++this.#settlements;
    await this.#arrive();
    return this.counters.settle(counter, units, ticket, "it", number, now);
  };

  forget: Centre["forget"] = async (counters) => {
    for (const counter of counters) this.counters.forget(counter);
  };

  async #arrive(): Promise<void> {
    this.questions += 1;
    await undefined;
    if (this.failure) throw this.failure;
  }
}

/** A store with what a test does not care about left out; what is swept is swept by `sweep`. */
export function storeOver(
  centre: Centre,
  options: Partial<LeasedStoreOptions> = {},
): { readonly store: LeasedStore; readonly sweep: () => void } {
  let sweep = (): void => {};
  const store = new LeasedStore({
    centre,
    exact: new MemoryStore({ maxPartitions: 100 }),
    clock: () => 0,
    every: (_, run) => {
      sweep = run;
      return () => {};
    },
    processes: () => 1,
    memory: { maxPartitions: 100 },
    time: "caller",
    ...options,
  });
  return { store, sweep: () => sweep() };
}

/** A claim of one caller on a limit of ten a minute, unless `spec` says otherwise. */
export function claimOn(spec: Partial<LimitSpec> = {}, cost = 1): Claim {
  return { limit: defineLimit({ name: "calls", quota: 10, windowMs: 60_000, ...spec }), partition: "caller", cost };
}

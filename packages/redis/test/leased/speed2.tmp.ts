import { defineLimit, MemoryStore } from "@headgate/core";
import { LeasedStore } from "../../src/leased/leased-store.ts";
import { Counters } from "./counters.ts";

const clock = () => {
  const [s, ns] = process.hrtime();
  return s * 1000 + Math.floor(ns / 1e6);
};
const counters = new Counters();
const centre = {
  take: async (c: any, o: any) => {
    await new Promise(setImmediate);
    return counters.take(c, o(), Date.now());
  },
  charge: async (c: any, u: any) => counters.charge(c, u, Date.now()),
  settle: async (c: any, u: any, t: any) => counters.settle(c, u, t, "a", Infinity, Date.now()),
  forget: async () => {},
};
const leased = new LeasedStore({
  centre,
  exact: {} as any,
  clock,
  every: (ms, run) => {
    const t = setInterval(run, ms);
    return () => clearInterval(t);
  },
  processes: () => 1,
});
const memory = new MemoryStore();
const limit = defineLimit({ name: "x", quota: 1e9, windowMs: 60_000 });
const claims = [{ limit, partition: "caller", cost: 1 }];
for (let round = 0; round < 6; round++)
  for (const [name, store] of [
    ["memory", memory],
    ["leased", leased],
  ] as const) {
    let n = 0,
      as = 0;
    const t = performance.now();
    while (performance.now() - t < 1000) {
      for (let i = 0; i < 2000; i++) {
        const a = store.consume(claims, Date.now());
        n++;
        if (a instanceof Promise) {
          as++;
          await a;
        }
      }
      if (store === leased) await new Promise(setImmediate);
    }
    console.log(name, (n / (performance.now() - t) / 1000).toFixed(3), "M/s", as);
  }
process.exit(0);

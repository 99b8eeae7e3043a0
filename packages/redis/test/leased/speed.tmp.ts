import { defineLimit } from "@headgate/core";
import { connectRedis } from "../../src/connect/connect.ts";
import { ExactStore } from "../../src/exact/exact-store.ts";
import { LeasedStore } from "../../src/leased/leased-store.ts";
import { RedisCentre } from "../../src/leased/redis-centre.ts";
import { startRedis } from "../servers/redis-server.ts";

const server = await startRedis();
const link = await connectRedis(server.url);
const clock = () => {
  const [s, ns] = process.hrtime();
  return s * 1000 + Math.floor(ns / 1e6);
};
const store = new LeasedStore({
  centre: new RedisCentre(link),
  exact: new ExactStore(link),
  clock,
  every: (ms, run) => {
    const t = setInterval(run, ms);
    return () => clearInterval(t);
  },
  processes: () => 1,
});
for (const [name, n, quota, keys] of [
  ["1 limit", 1, 1e9, 1],
  ["3 limits", 3, 1e9, 1],
  ["1 limit 100 keys", 1, 1e9, 100],
  ["denied", 1, 10, 1],
] as const) {
  const limits = Array.from({ length: n }, (_, i) => defineLimit({ name: `l${i}${name}`, quota, windowMs: 60_000 }));
  const all = Array.from({ length: keys }, (_, k) =>
    limits.map((limit) => ({ limit, partition: `caller ${k}`, cost: 1 })),
  );
  for (let round = 0; round < 3; round++) {
    const before = link.commands;
    let sync = 0,
      async = 0;
    const waiting: Promise<unknown>[] = [];
    const t = performance.now();
    let k = 0;
    while (performance.now() - t < 1500) {
      for (let i = 0; i < 2000; i++) {
        const a = store.consume(all[k++ % keys]!, Date.now());
        if (a instanceof Promise) {
          async++;
          waiting.push(a);
          if (waiting.length >= 256) {
            await Promise.all(waiting);
            waiting.length = 0;
          }
        } else sync++;
      }
      await new Promise(setImmediate);
    }
    await Promise.all(waiting);
    const s = (performance.now() - t) / 1000;
    console.log(
      name,
      ((sync + async) / s / 1e6).toFixed(3),
      "M/s",
      "async",
      async,
      "commands",
      link.commands - before,
      ((link.commands - before) / (sync + async)).toFixed(6),
    );
  }
}
await store.close();
await link.close();
await server.end();
process.exit(0);

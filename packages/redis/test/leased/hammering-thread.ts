import { parentPort, workerData } from "node:worker_threads";
import { defineLimit } from "@headgate/core";
import { connectRedis } from "../../src/connect/connect.ts";
import { ExactStore } from "../../src/exact/exact-store.ts";
import { LeasedStore } from "../../src/leased/leased-store.ts";
import { RedisCentre } from "../../src/leased/redis-centre.ts";
import { every, monotonicMs } from "./real-time.ts";

/** A thread that asks for one counter 4000 times, and says how often it was admitted. */
const { memory, owner, url, spec, partition } = workerData;
const link = await connectRedis(url);
const store = new LeasedStore({
  centre: new RedisCentre(link),
  exact: new ExactStore(link),
  clock: monotonicMs,
  every,
  processes: () => 1,
  memory,
  owner,
});
const claim = { limit: defineLimit(spec), partition, cost: 1 };
let admitted = 0;
for (let i = 0; i < 4_000; i++) {
  const [verdict] = await store.consume([claim], Date.now());
  if (verdict?.admitted) admitted += 1;
}
await store.close();
await link.close();
parentPort?.postMessage(admitted);

import { parentPort, workerData } from "node:worker_threads";
import { type Claim, defineLimit, MemoryStore } from "../../src/index.ts";

/** A thread that asks, and gives places back, until it is terminated. Imported, it only says what it asks. */
export const NOW = 1_700_000_000_000;
export const QUOTA = 5_000;
export const HOT = ["a", "b"];

const counted = (["fixed-window", "sliding-window", "token-bucket"] as const).map((algorithm) =>
  defineLimit({ name: algorithm, algorithm, quota: QUOTA, windowMs: 60_000 }),
);
const inFlight = defineLimit({ name: "in flight", algorithm: "concurrency", quota: 1_000 });

/** One request's claims: three that count it, and its place among those in flight. */
export function claims(partition: string): Claim[] {
  return [...counted, inFlight].map((limit) => ({ limit, partition, cost: 1 }));
}

if (parentPort && workerData?.mortal) {
  const { memory, owner, admitted } = workerData.mortal as {
    readonly memory: SharedArrayBuffer;
    readonly owner: number;
    readonly admitted: Int32Array;
  };
  const store = new MemoryStore(memory, owner);
  for (let i = 0; ; i++) {
    if (i === 1_000) parentPort.postMessage("warm");
    // A stranger with a place in flight takes a slot, and another's list is emptied for it.
    store.consume(claims(`${owner} ${i % 100}`).slice(3), NOW);
    const hot = i % HOT.length;
    const request = claims(HOT[hot] as string);
    const verdicts = store.consume(request, NOW);
    const [claim, verdict] = [request[3], verdicts[3]];
    if (!claim || !verdict || !verdicts.every((one) => one.admitted)) continue;
    Atomics.add(admitted, hot, 1);
    store.refund([{ claim, ticket: verdict.ticket }], NOW);
  }
}

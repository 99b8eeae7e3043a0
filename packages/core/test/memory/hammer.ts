import { parentPort, workerData } from "node:worker_threads";
import { type Claim, defineLimit, MemoryStore } from "../../src/index.ts";

/** A thread that asks for the same keys as fast as it can. Imported by the main thread, it only says what it asks. */
export const NOW = 1_700_000_000_000;
export const QUOTA = 5_000;
export const REQUESTS = 20_000;

const limits = (["fixed-window", "sliding-window", "token-bucket", "concurrency"] as const).map((algorithm) =>
  defineLimit({
    name: algorithm,
    algorithm,
    quota: QUOTA,
    ...(algorithm === "concurrency" ? {} : { windowMs: 60_000 }),
  }),
);

/** One request's claims, one of each algorithm. */
export function claims(partition: string): Claim[] {
  return limits.map((limit) => ({ limit, partition, cost: 1 }));
}

if (parentPort && workerData?.memory) {
  const store = new MemoryStore(workerData.memory as SharedArrayBuffer, workerData.owner as number);
  const keys = workerData.keys as readonly string[];
  const admitted: Record<string, number> = Object.fromEntries(keys.map((key) => [key, 0]));
  const request = keys.flatMap(claims);
  for (let i = 0; i < REQUESTS; i++) {
    const verdicts = store.consume(request, NOW);
    if (!verdicts.every((verdict) => verdict.admitted)) continue;
    for (const key of keys) admitted[key] = (admitted[key] ?? 0) + 1;
  }
  parentPort.postMessage(admitted);
}

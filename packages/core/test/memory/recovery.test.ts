import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { type Claim, defineLimit, MemoryStore } from "../../src/index.ts";
import { openMemory } from "../../src/memory/memory.ts";
import { claims, HOT, NOW, QUOTA } from "./mortal.ts";
import { faultsOf } from "./soundness.ts";

const DEATHS = 24;

test("threads that are terminated one after the other, at whatever they do, leave a memory that goes on counting", async () => {
  const store = new MemoryStore({ maxPartitions: 40, maxHolders: 2_000 });
  const admitted = new Int32Array(new SharedArrayBuffer(4 * HOT.length));
  const start = (owner: number) => {
    const workerData = { mortal: { memory: store.memory, owner, admitted } };
    const thread = new Worker(new URL("./mortal.ts", import.meta.url), { workerData });
    return { thread, warm: once(thread, "message") };
  };
  const running = new Map([2, 3, 4].map((owner) => [owner, start(owner)]));
  const kill = async (owner: number) => {
    const { thread, warm } = running.get(owner) as ReturnType<typeof start>;
    await warm;
    await thread.terminate();
    store.recover(owner);
  };

  for (let death = 0; death < DEATHS; death++) {
    const owner = 2 + (death % running.size);
    await kill(owner);
    running.set(owner, start(owner));
  }
  for (const owner of running.keys()) await kill(owner);

  expect(faultsOf(store.memory)).toEqual([]);
  const deaths = DEATHS + running.size;
  for (const [i, hot] of HOT.entries()) {
    const answered = admitted[i] as number;
    expect(answered).toBeGreaterThan(0);
    for (const { limit, used } of store.peek(claims(hot), NOW)) {
      // Those answered are counted, and at most one more a death; of places in flight only the dead keep theirs.
      const atLeast = limit.algorithm === "concurrency" ? 0 : answered;
      expect(used).toBeGreaterThanOrEqual(atLeast);
      expect(used).toBeLessThanOrEqual(atLeast + deaths);
      expect(used).toBeLessThanOrEqual(QUOTA);
    }
  }
});

test("a lock that nobody gives back is an error after a while, also for a request that holds others", () => {
  const store = new MemoryStore({ maxPartitions: 1_000 });
  const dead = openMemory(store.memory, 7);
  const claim = (partition: string): Claim => ({ limit, partition, cost: 1 });
  const setOf = (partition: string): number => {
    dead.hash.digest(partition, limit.counterId);
    return dead.table.setOf(dead.hash.low);
  };
  dead.table.lock(setOf("b"));
  // Where a partition is depends on the store's secret: a neighbour of the stuck one would be stuck too.
  const others = ["a", "c", "d", "e"].filter((partition) => setOf(partition) !== setOf("b"));

  const stuck = expect.objectContaining({ code: "HG_LOCK_STUCK", message: expect.stringContaining("recover(7)") });
  expect(() => store.consume(["b", ...others].map(claim), NOW)).toThrow(stuck);
  for (const partition of others) expect(store.consume([claim(partition)], NOW)[0]?.used).toBe(1);
  store.recover(7);
  expect(store.consume([claim("b")], NOW)[0]?.used).toBe(1);
});

const limit = defineLimit({ name: "x", quota: 5, windowMs: 1_000 });

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, test } from "vitest";
import { MemoryStore, type Store, type SyncStore } from "../../src/index.ts";
import { storeConformance } from "../../src/testing/index.ts";
import type { Call } from "./call-thread.ts";

const THREADS = 4;
const threads = Array.from({ length: THREADS }, () => new Worker(new URL("./call-thread.ts", import.meta.url)));
let calls = 0;

afterAll(() => Promise.all(threads.map((thread) => thread.terminate())));

/** A store over one memory, each of whose calls is made by the next of the threads. */
function storeOverThreads(): Store {
  const { memory } = new MemoryStore({ maxPartitions: 1_000 });
  const over =
    <Result>(method: keyof SyncStore) =>
    async (...args: readonly unknown[]): Promise<Result> => {
      const turn = calls++ % THREADS;
      const thread = threads[turn] as Worker;
      const call: Call = { memory, owner: turn + 1, method, args };
      thread.postMessage(call);
      const [result] = await once(thread, "message");
      return result;
    };
  return {
    consume: over("consume"),
    peek: over("peek"),
    charge: over("charge"),
    refund: over("refund"),
    reset: over("reset"),
  };
}

storeConformance({ describe, expect, test }, "MemoryStore over four threads", storeOverThreads);

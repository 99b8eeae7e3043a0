import { parentPort } from "node:worker_threads";
import { MemoryStore, type SyncStore } from "../../src/index.ts";

/** A call of a store over shared memory, for a thread to make. */
export interface Call {
  readonly memory: SharedArrayBuffer;
  readonly owner: number;
  readonly method: keyof SyncStore;
  readonly args: readonly unknown[];
}

parentPort?.on("message", ({ memory, owner, method, args }: Call) => {
  const store = new MemoryStore(memory, owner);
  const call = store[method] as (...args: unknown[]) => unknown;
  parentPort?.postMessage(call.apply(store, [...args]));
});

import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { MemoryStore, type Verdict } from "../../src/index.ts";
import { claims, NOW, QUOTA, REQUESTS } from "./hammer.ts";

describe("stores over the same memory", () => {
  test("enforce the same counts", () => {
    const one = new MemoryStore({ maxPartitions: 100 });
    const other = new MemoryStore(one.memory);
    const seen = (verdicts: readonly Verdict[]) => verdicts.map(({ used }) => used);
    expect(seen(one.consume(claims("a"), NOW))).toEqual([1, 1, 1, 1]);
    expect(seen(other.consume(claims("a"), NOW))).toEqual([2, 2, 2, 2]);
    expect(seen(one.peek(claims("a"), NOW))).toEqual([2, 2, 2, 2]);
    other.reset(claims("a"));
    expect(seen(one.peek(claims("a"), NOW))).toEqual([0, 0, 0, 0]);
  });

  test("apart from it, a secret of its own spreads callers over each store's sets", () => {
    const blocks = [1, 2].map(() => {
      const store = new MemoryStore({ maxPartitions: 1_000 });
      for (let i = 0; i < 50; i++) store.consume(claims(`caller ${i}`), NOW);
      return Buffer.from(store.memory).toString("base64");
    });
    expect(blocks[0]).not.toBe(blocks[1]);
  });

  test("in two threads that hammer one key, admit the quota exactly, all or nothing", async () => {
    const store = new MemoryStore({ maxPartitions: 100, maxHolders: 2 * REQUESTS });
    const admitted = await Promise.all([1, 2].map((owner) => hammer(store.memory, ["hot"], owner)));
    expect(sum(admitted.map((counts) => counts.hot))).toBe(QUOTA);
    expect(store.peek(claims("hot"), NOW).map(({ used }) => used)).toEqual([QUOTA, QUOTA, QUOTA, QUOTA]);
  });

  test("in four threads that hammer two keys, admit the quota of each exactly", async () => {
    const store = new MemoryStore({ maxPartitions: 100, maxHolders: 8 * REQUESTS });
    const keys = ["a", "b"];
    const admitted = await Promise.all([1, 2, 3, 4].map((owner) => hammer(store.memory, keys, owner)));
    for (const key of keys) expect(sum(admitted.map((counts) => counts[key]))).toBe(QUOTA);
  });

  test("in two threads whose requests each meet two keys in opposite order, neither wait for each other for ever", async () => {
    const store = new MemoryStore({ maxPartitions: 100, maxHolders: 4 * REQUESTS });
    const admitted = await Promise.all([hammer(store.memory, ["a", "b"], 1), hammer(store.memory, ["b", "a"], 2)]);
    for (const key of ["a", "b"]) expect(sum(admitted.map((counts) => counts[key]))).toBe(QUOTA);
  });
});

/** Runs the worker until it has made its requests; how many were admitted, by key. */
function hammer(memory: SharedArrayBuffer, keys: readonly string[], owner: number): Promise<Record<string, number>> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./hammer.ts", import.meta.url), { workerData: { memory, keys, owner } });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function sum(counts: readonly (number | undefined)[]): number {
  return counts.reduce<number>((total, count) => total + (count ?? 0), 0);
}

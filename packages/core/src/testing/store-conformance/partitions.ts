import type { Awaitable, Store } from "../../store.ts";
import type { TestRunner } from "../test-runner.ts";
import { claimOn, START, used, withLimit } from "./claims.ts";

/** One counter for each limit and partition, and no other. */
export function testPartitions({ test, expect }: TestRunner, makeStore: () => Awaitable<Store>): void {
  test("partitions of one limit are counted apart", async () => {
    const store = await makeStore();
    const claim = claimOn();
    const neighbours = ["", "a", "A", "a\n", "ä", "a".repeat(1_000), "💧"].map((partition) => ({
      ...claim,
      partition,
    }));
    await store.consume([claim], START);
    for (const neighbour of neighbours) expect(used(await store.consume([neighbour], START))).toEqual([1]);
    expect(used(await store.peek([claim, ...neighbours], START))).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  test("limits that count the same partition are counted apart", async () => {
    const store = await makeStore();
    const reads = claimOn();
    const writes = { ...claimOn(), partition: reads.partition };
    await store.consume([reads], START);
    expect(used(await store.consume([writes], START))).toEqual([1]);
    expect(used(await store.consume([reads, writes], START))).toEqual([2, 2]);
  });

  test("limits of different plans share a counter where they share its name", async () => {
    const store = await makeStore();
    const free = claimOn({ quota: 10 }, 7);
    await store.consume([free], START);
    const paid = withLimit(free, { quota: 100 });
    expect(used(await store.consume([paid], START))).toEqual([14]);
  });

  test("what is reset is forgotten, and nothing else is", async () => {
    const store = await makeStore();
    const forgotten = [claimOn(), claimOn({ algorithm: "token-bucket" }), claimOn({ algorithm: "concurrency" })];
    const kept = claimOn();
    await store.consume([...forgotten, kept], START);
    await store.reset(forgotten);
    expect(used(await store.peek([...forgotten, kept], START))).toEqual([0, 0, 0, 1]);
  });
}

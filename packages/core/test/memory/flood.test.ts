import { describe, expect, test } from "vitest";
import { type Claim, defineLimit, MemoryStore } from "../../src/index.ts";

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;
const FLOOD = 1_000_000;

const limit = defineLimit({ name: "hourly", quota: 1_000_000, windowMs: HOUR });
const once = (partition: string): Claim => ({ limit, partition, cost: 1 });

describe("a million callers that come once, in a table for ten thousand", () => {
  test("do not make it forget one that keeps coming, nor any of its requests", () => {
    const store = new MemoryStore({ maxPartitions: 10_000 });
    let came = 0;
    for (let i = 0; i < FLOOD; i++) {
      const now = NOW + Math.floor(i / 1_000);
      if (i % 100 === 0) {
        store.consume([once("busy")], now);
        came += 1;
      }
      store.consume([once(`stranger ${i}`)], now);
    }
    expect(store.peek([once("busy")], NOW + 1_000)[0]?.used).toBe(came);
  });

  test("do not make it forget one that was busy before they came", () => {
    const store = new MemoryStore({ maxPartitions: 10_000 });
    for (let i = 0; i < 2_000; i++) store.consume([once("busy")], NOW);
    for (let i = 0; i < FLOOD; i++) store.consume([once(`stranger ${i}`)], NOW);
    expect(store.peek([once("busy")], NOW)[0]?.used).toBe(2_000);
  });

  test("take no memory: the block is as large as it was, at most 48 bytes a partition and the holders", () => {
    const maxPartitions = 10_000;
    const store = new MemoryStore({ maxPartitions, maxHolders: 1_000 });
    const { byteLength } = store.memory;
    for (let i = 0; i < FLOOD / 10; i++) store.consume([once(`stranger ${i}`)], NOW);
    expect(store.memory.byteLength).toBe(byteLength);
    const headerBytes = 64;
    const holderBytes = 24 * (1_000 + 1);
    expect(byteLength - headerBytes - holderBytes).toBeLessThanOrEqual(48 * maxPartitions);
  });
});

test("a partition that is only looked at, or denied, takes no room from others", () => {
  const store = new MemoryStore({ maxPartitions: 10 });
  const costly = { ...once("costly"), cost: 2_000_000 };
  for (let i = 0; i < 14; i++) store.consume([once(`caller ${i}`)], NOW);
  for (let i = 0; i < 1_000; i++) {
    store.peek([once(`stranger ${i}`)], NOW);
    store.consume([{ ...costly, partition: `costly ${i}` }], NOW);
  }
  for (let i = 0; i < 14; i++) expect(store.peek([once(`caller ${i}`)], NOW)[0]?.used).toBe(1);
});

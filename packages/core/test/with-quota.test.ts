import { defineLimit, type Limit, MemoryStore, withQuota } from "@headgate/core";
import { expect, test } from "vitest";

const NOW = Date.UTC(2026, 0, 1);
const perMinute = defineLimit({ name: "calls", quota: 100, windowMs: 60_000 });
const bucket = defineLimit({ name: "bucket", quota: 100, burst: 20, windowMs: 60_000, algorithm: "token-bucket" });

function consume(store: MemoryStore, limit: Limit, cost: number): { used: number; remaining: number } | undefined {
  return store.consume([{ limit, partition: "a", cost }], NOW)[0];
}

test("another quota counts on the same counter, so what was used stays used", () => {
  const store = new MemoryStore({ maxPartitions: 10 });
  consume(store, perMinute, 100);
  expect(consume(store, perMinute, 1)).toMatchObject({ admitted: false });
  expect(consume(store, withQuota(perMinute, 500), 1)).toMatchObject({ admitted: true, used: 101, remaining: 399 });
  expect(consume(store, withQuota(perMinute, 50), 1)).toMatchObject({ admitted: false, remaining: -51 });
});

test("a burst grows and shrinks in proportion", () => {
  expect(withQuota(bucket, 1000)).toMatchObject({ quota: 1000, capacity: 200 });
  expect(withQuota(bucket, 1)).toMatchObject({ quota: 1, capacity: 1 });
});

test("a quota is kept within what can be counted exactly", () => {
  expect(withQuota(perMinute, 0).quota).toBe(1);
  expect(withQuota(perMinute, 2 ** 50)).toMatchObject({ quota: 2 ** 40, capacity: 2 ** 40 });
  const most = withQuota(bucket, 2 ** 40).quota;
  expect(Number.isSafeInteger(2 * most * bucket.windowMs)).toBe(true);
  expect(() => defineLimit({ name: "most", quota: most, windowMs: 60_000, algorithm: "token-bucket" })).not.toThrow();
});

test("the same quota of the same limit is the same limit, so that nothing is made anew for each request", () => {
  expect(withQuota(perMinute, 500)).toBe(withQuota(perMinute, 500));
});

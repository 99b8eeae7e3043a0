import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CacheRecord } from "../../src/cache/cache-entry.ts";
import { MemoryCacheStore } from "../../src/cache/memory-cache-store.ts";

function recordOf(body: string): CacheRecord {
  const entry = {
    url: "",
    status: 200,
    statusText: "",
    headers: [],
    isBase64: false,
    vary: [],
    bornAt: 0,
    lifetimeMs: 0,
  };
  return [{ ...entry, body }];
}

describe("a store in memory", () => {
  test("lets go first what has not been asked for the longest", () => {
    const store = new MemoryCacheStore({ maxRecords: 2 });
    store.set("a", recordOf("1"));
    store.set("b", recordOf("2"));
    store.get("a");
    store.set("c", recordOf("3"));
    expect(["a", "b", "c"].map((key) => store.get(key)?.[0]?.body)).toEqual(["1", undefined, "3"]);
  });

  test("never holds more than it may, and not what is larger than all of it", () => {
    const command = fc.record({
      key: fc.constantFrom("a", "b", "c", "d"),
      length: fc.nat(60),
      isDeleted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        const store = new MemoryCacheStore({ maxRecords: 3, maxBytes: 200 });
        for (const { key, length, isDeleted } of commands) {
          if (isDeleted) store.delete(key);
          else store.set(key, recordOf("x".repeat(length)));
        }
        const held = ["a", "b", "c", "d"].flatMap((key) => store.get(key) ?? []);
        expect(held.length).toBeLessThanOrEqual(3);
        expect(held.reduce((sum, { body }) => sum + 2 * (body.length + 1), 0)).toBeLessThanOrEqual(200);
        const last = commands.at(-1);
        if (last) expect(store.get(last.key)?.[0]?.body.length).toBe(last.isDeleted ? undefined : last.length);
      }),
    );
    const small = new MemoryCacheStore({ maxBytes: 100 });
    small.set("a", recordOf("x".repeat(50)));
    expect(small.get("a")).toBe(undefined);
  });
});

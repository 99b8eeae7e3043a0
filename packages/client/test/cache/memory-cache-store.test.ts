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
    asked: "",
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
  });

  test("keeps of a record that is too large the newest that fit, and all others", () => {
    const small = new MemoryCacheStore({ maxBytes: 200 });
    small.set("b", recordOf("1"));
    small.set(
      "a",
      ["x", "y", "z"].flatMap((text) => recordOf(text.repeat(40))),
    );
    expect(small.get("a")?.map(({ body }) => body[0])).toEqual(["x", "y"]);
    small.set("a", recordOf("x".repeat(100)));
    expect(small.get("a")).toBe(undefined);
    small.set("b", recordOf("1"));
    small.set("a", recordOf("x".repeat(100)));
    expect(small.get("b")).toHaveLength(1);
  });
});

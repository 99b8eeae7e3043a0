import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileEndpoints } from "../src/endpoints.ts";
import type { Facts } from "../src/facts.ts";
import { compilePartition, partitionKey } from "../src/partition.ts";

const endpoints = compileEndpoints({ items: ["/items/{id}"] });

function factsOf(callers: Record<string, string>): Facts {
  return { method: "GET", path: "/items/1", headers: {}, callers, authenticated: false };
}

describe("a partition key", () => {
  test("is one for all where `per` is empty", () => {
    expect(compilePartition([], endpoints)(factsOf({ ip: "1" }))).toBe("");
  });

  test("is missing where a caller is", () => {
    expect(compilePartition(["ip", "tenant"], endpoints)(factsOf({ ip: "1" }))).toBeUndefined();
    expect(compilePartition(["tenant", "ip"], endpoints)(factsOf({ ip: "1" }))).toBeUndefined();
    expect(compilePartition(["tenant"], endpoints)(factsOf({ ip: "1" }))).toBeUndefined();
  });

  test("does not change with the path as long as the endpoint is the same", () => {
    const partitionOf = compilePartition(["ip", "endpoint"], endpoints);
    const facts = factsOf({ ip: "1" });
    expect(partitionOf({ ...facts, path: "/items/2" })).toBe(partitionOf(facts));
    expect(partitionOf({ ...facts, path: "/a" })).toBe(partitionOf({ ...facts, path: "/b" }));
    expect(partitionOf({ ...facts, path: "/a" })).not.toBe(partitionOf(facts));
  });

  test("changes with the method where `per` says so", () => {
    const partitionOf = compilePartition(["method", "ip"], endpoints);
    const facts = factsOf({ ip: "1" });
    expect(partitionOf({ ...facts, method: "PUT" })).not.toBe(partitionOf(facts));
  });

  test("cannot be forged: different values never make the same key", () => {
    const partitionOf = compilePartition(["a", "b", "c"], endpoints);
    const values = fc.tuple(...Array.from({ length: 3 }, () => fc.stringMatching(/^[0-2:a]{0,6}$/)));
    fc.assert(
      fc.property(values, values, ([a = "", b = "", c = ""], [d = "", e = "", f = ""]) => {
        const isSame = a === d && b === e && c === f;
        expect(partitionOf(factsOf({ a, b, c })) === partitionOf(factsOf({ a: d, b: e, c: f }))).toBe(isSame);
      }),
      { numRuns: 2000 },
    );
  });

  test("is the same for given values as for a request that has them", () => {
    const words = ["ip", "method", "endpoint", "tenant"];
    const callers = { ip: "1", tenant: "1:2" };
    const values = { ...callers, method: "GET", endpoint: "/items/{id}" };
    fc.assert(
      fc.property(fc.shuffledSubarray([...words, "missing"]), (per) => {
        expect(partitionKey(per, values)).toBe(compilePartition(per, endpoints)(factsOf(callers)));
      }),
    );
  });
});

import { type Claim, defineLimit } from "@headgate/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { writeFrame } from "../../src/exact/frame.ts";
import { OPERATIONS, type Request } from "../../src/exact/request.ts";

const limits = ["ten", "twenty"].map((name, i) => defineLimit({ name, quota: 10 * (i + 1), windowMs: 1_000 }));
const claim = fc.record({
  limit: fc.constantFrom(...limits),
  partition: fc.constantFrom("a", "b", "c"),
  cost: fc.constantFrom(1, 2),
});
const requests = fc.array(
  fc
    .record({ operation: fc.constantFrom(...OPERATIONS), claims: fc.array(claim, { minLength: 1, maxLength: 3 }) })
    .map((asked) => requestOf(asked.operation, asked.claims)),
  { maxLength: 20 },
);

test("a frame tells each request with its limits, costs, keys and tickets, in the order in which they came", () => {
  fc.assert(
    fc.property(requests, (asked) => {
      expect(read(asked)).toEqual(asked.map(({ operation, part }) => ({ operation, ...part })));
    }),
  );
});

test("a frame tells once what requests in a row ask that differ by the caller", () => {
  const numbersOf = (count: number) =>
    writeFrame(
      Array.from({ length: count }, (_, i) => requestOf("consume", [claimOf(`caller ${i}`)])),
      0,
      0,
      0,
    ).argument.length / 8;
  expect(numbersOf(100) - numbersOf(1)).toBe(99);
});

function claimOf(partition: string): Claim {
  return { limit: limits[0] as Claim["limit"], partition, cost: 1 };
}

function requestOf(operation: Request["operation"], claims: readonly Claim[]): Request {
  const keys = claims.map(({ partition }) => partition);
  const tickets = operation === "refund" ? claims.map((_, i) => 1_000 + i) : [];
  const nobody = () => undefined;
  return { operation, part: { slot: 0, claims, keys, tickets, places: [] }, resolve: nobody, reject: nobody };
}

/** What a frame says, read one number after the other. */
function read(asked: readonly Request[]): unknown[] {
  const { keys, argument } = writeFrame(asked, 0, 0, 0);
  const numbers = Array.from({ length: argument.length / 8 }, (_, i) => argument.readDoubleLE(i * 8)).values();
  const next = () => numbers.next().value as number;
  const times = <Thing>(count: number, make: (i: number) => Thing) => Array.from({ length: count }, (_, i) => make(i));
  const places = [...new Set(asked.flatMap(({ part }) => part.claims.map(({ limit }) => limit)))];

  const [, , runs = 0] = times(5, next);
  return times(runs, () => {
    const operation = OPERATIONS[next() - 1];
    const [count, claimCount] = [next(), next()];
    const asks = times(claimCount, () => ({ limit: places[next() - 1], cost: next() }));
    return times(count, () => {
      const named = times(claimCount, () => keys[next() - 1] as string);
      const tickets = operation === "refund" ? times(claimCount, next) : [];
      const claims = asks.map((ask, i) => ({ ...ask, partition: named[i] }));
      return { operation, slot: 0, claims, keys: named, tickets, places: [] };
    });
  }).flat();
}

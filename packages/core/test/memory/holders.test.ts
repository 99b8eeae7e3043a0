import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Claim, defineLimit, MemoryStore, NOT_CHARGED } from "../../src/index.ts";
import { Holders } from "../../src/memory/holders.ts";

const NOW = 1_700_000_000_000;
const HOLD = 60_000;

describe("Holders", () => {
  test("lists keep their holders in order, whoever leaves from wherever", () => {
    const moves = fc.array(fc.record({ list: fc.nat({ max: 2 }), leaves: fc.boolean(), which: fc.nat() }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(moves, (steps) => {
        const { holders, cells } = poolOf(10);
        const lists: number[][] = [[], [], []];
        for (const { list, leaves, which } of steps) {
          const expected = lists[list] as number[];
          if (leaves && expected.length > 0) {
            const [ticket] = expected.splice(which % expected.length, 1) as [number];
            holders.remove(cells, list * 3, holders.holderOf(ticket));
            expect(holders.holderOf(ticket)).toBe(0);
          } else {
            const ticket = holders.append(cells, list * 3, NOW);
            if (lists.flat().length === 10) expect(ticket).toBe(0);
            else expected.push(ticket);
          }
          expect(holders.isFull).toBe(lists.flat().length === 10);
          for (const [i, tickets] of lists.entries()) {
            expect(listed(holders, cells, i * 3)).toEqual(tickets.map((ticket) => holders.holderOf(ticket)));
          }
        }
      }),
    );
  });

  test("a ticket is good for one stay: whoever takes the place next has another", () => {
    const { holders, cells } = poolOf(1);
    const tickets = new Set<number>();
    for (let i = 0; i < 1_000; i++) {
      const ticket = holders.append(cells, 0, NOW);
      tickets.add(ticket);
      holders.remove(cells, 0, holders.holderOf(ticket));
    }
    expect(tickets.size).toBe(1_000);
  });

  test("an emptied list gives all its places back", () => {
    const { holders, cells } = poolOf(4);
    for (let i = 0; i < 4; i++) holders.append(cells, 0, NOW);
    holders.clear(cells, 0);
    expect([...cells.subarray(0, 3)]).toEqual([0, 0, 0]);
    for (let i = 0; i < 4; i++) expect(holders.append(cells, 3, NOW)).not.toBe(0);
  });
});

describe("MemoryStore, when the room for holders runs out,", () => {
  test("denies instead of letting anybody in uncounted, and says to come back in a second", () => {
    const store = new MemoryStore({ maxPartitions: 100, maxHolders: 2 });
    const [first] = store.consume([inFlight("a")], NOW);
    store.consume([inFlight("b")], NOW);
    const [denied] = store.consume([inFlight("c")], NOW);
    expect(denied).toMatchObject({ admitted: false, used: 0, retryAfterMs: 1_000, ticket: NOT_CHARGED });
    store.refund([{ claim: inFlight("a"), ticket: first?.ticket ?? NOT_CHARGED }], NOW);
    expect(store.consume([inFlight("c")], NOW)[0]?.admitted).toBe(true);
  });

  test("and a partition makes room for another, gets back the places that the partition held", () => {
    const maxHolders = 40;
    const store = new MemoryStore({ maxPartitions: 10, maxHolders });
    for (let i = 0; i < 1_000; i++) {
      expect(store.consume([inFlight(`caller ${i}`)], NOW)[0]?.admitted).toBe(true);
    }
  });

  test("gets back the places of a partition that is reset", () => {
    const store = new MemoryStore({ maxPartitions: 100, maxHolders: 1 });
    for (let i = 0; i < 10; i++) {
      expect(store.consume([inFlight(`caller ${i}`)], NOW)[0]?.admitted).toBe(true);
      store.reset([inFlight(`caller ${i}`)]);
    }
  });
});

test("a shorter hold applies at once, to those in flight too", () => {
  const store = new MemoryStore({ maxPartitions: 10, maxHolders: 10 });
  for (let i = 0; i < 3; i++) store.consume([inFlight("a")], NOW);
  const shorter = {
    ...inFlight("a"),
    limit: defineLimit({ name: "in flight", algorithm: "concurrency", quota: 5, holdMs: 1_000 }),
  };
  expect(store.peek([shorter], NOW)[0]).toMatchObject({ used: 3, resetMs: 1_000 });
  expect(store.peek([shorter], NOW + 1_000)[0]?.used).toBe(0);
});

const limit = defineLimit({ name: "in flight", algorithm: "concurrency", quota: 5, holdMs: HOLD });

function inFlight(partition: string): Claim {
  return { limit, partition, cost: 1 };
}

/** A pool, and cells for three lists. */
function poolOf(capacity: number) {
  return {
    holders: new Holders(new SharedArrayBuffer(Holders.byteLength(capacity)), 0, capacity, 1),
    cells: new Float64Array(9),
  };
}

/** A list's holders from oldest to newest, as its links have it. */
function listed(holders: Holders, cells: Float64Array, at: number): number[] {
  const found: number[] = [];
  for (let holder = cells[at] as number; holder !== 0; holder = holders.next(holder)) found.push(holder);
  expect(cells[at + 1]).toBe(found.at(-1) ?? 0);
  expect(cells[at + 2]).toBe(found.length);
  return found;
}

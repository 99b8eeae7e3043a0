import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellsOf, NO_SLOT, Table } from "../../src/memory/table.ts";

const SLOTS_PER_SET = 14;
const words = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe("Table", () => {
  test("is a whole number of sets within 48 bytes a partition", () => {
    for (const partitions of [100, 1_000, 10_000, 1_000_000]) {
      const sets = Table.setsFor(partitions);
      expect(Table.byteLength(sets)).toBeLessThanOrEqual(48 * partitions);
      expect(sets * SLOTS_PER_SET).toBeGreaterThan(partitions);
    }
  });

  test("tells hashes apart that differ in any one of their 64 bits", () => {
    // From 2^16 sets on, what the slot does not keep of the hash, the set does.
    const table = tableOf(2 ** 16);
    fc.assert(
      fc.property(words, words, fc.nat({ max: 63 }), (low, high, bit) => {
        fc.pre(high >>> 1 !== 0);
        const set = table.setOf(low);
        table.assign(set + 16, low, high, false);
        const otherLow = bit < 32 ? low ^ (1 << bit) : low;
        const otherHigh = bit < 32 ? high : high ^ (1 << (bit - 32));
        fc.pre(otherHigh !== 0);
        expect(table.find(set, low, high)).toBe(set + 16);
        expect(table.find(table.setOf(otherLow), otherLow, otherHigh)).toBe(NO_SLOT);
        table.clear(set + 16);
      }),
      { numRuns: 2_000 },
    );
  });

  test("finds every hash of a full set in the slot it was given, with cells of its own", () => {
    const table = tableOf(1);
    const slots = fill(table);
    expect(new Set(slots).size).toBe(SLOTS_PER_SET);
    for (const [i, slot] of slots.entries()) table.cells.fill(i, cellsOf(slot), cellsOf(slot) + 3);
    for (const [i, slot] of slots.entries()) {
      expect(table.find(0, LOW, i + 2)).toBe(slot);
      expect([...table.cells.subarray(cellsOf(slot), cellsOf(slot) + 3)]).toEqual([i, i, i]);
    }
  });

  test("a slot given to another hash starts from zero, and the one before is forgotten", () => {
    const table = tableOf(1);
    const [slot] = fill(table) as [number];
    table.cells.fill(7, cellsOf(slot), cellsOf(slot) + 3);
    table.assign(slot, LOW, 99, false);
    expect([...table.cells.subarray(cellsOf(slot), cellsOf(slot) + 3)]).toEqual([0, 0, 0]);
    expect(table.find(0, LOW, 2)).toBe(NO_SLOT);
    expect(table.find(0, LOW, 99)).toBe(slot);
  });

  test("has fifteen slots a set where they have seven cells each, none of which spoils another", () => {
    const table = new Table(new SharedArrayBuffer(Table.byteLength(3, 7)), 0, 3, 1, 7);
    const sets = [0, 2 ** 31, -1].map((low) => table.setOf(low));
    const slots = sets.flatMap((set, i) =>
      Array.from({ length: 15 }, (_, way) => {
        const slot = table.victim(set, 0, nobody);
        table.assign(slot, i, way + 1, false);
        table.cells.fill(i * 100 + way, cellsOf(slot), cellsOf(slot) + 7);
        table.touch(slot, 100_000);
        return slot;
      }),
    );
    expect(new Set(slots).size).toBe(45);
    for (const [n, slot] of slots.entries()) {
      const [i, way] = [Math.floor(n / 15), n % 15];
      expect(table.find(sets[i] as number, i, way + 1)).toBe(slot);
      expect([...table.cells.subarray(cellsOf(slot), cellsOf(slot) + 7)]).toEqual(Array(7).fill(i * 100 + way));
    }
    for (const set of sets) table.lock(set);
    const full = slots[0] as number;
    table.assign(full, 0, 99, false);
    expect([...table.cells.subarray(cellsOf(full), cellsOf(full) + 7)]).toEqual(Array(7).fill(0));
    const held: number[] = [];
    table.recover(1, (slot) => held.push(slot));
    expect(held).toEqual(slots);
  });

  test("gives away an empty slot before an expired one, and an expired one before the least used", () => {
    const table = tableOf(1);
    const slots = fill(table);
    const [expired, empty] = [slots[9] as number, slots[4] as number];
    for (const slot of slots) for (let use = 0; use < 5; use++) table.touch(slot, 100_000);
    for (let use = 0; use < 50; use++) table.touch(expired, 10_000);
    table.clear(empty);
    expect(table.victim(0, 20_000, nobody)).toBe(empty);
    table.assign(empty, LOW, 50, false);
    table.touch(empty, 100_000);
    expect(table.victim(0, 20_000, nobody)).toBe(expired);
    table.touch(expired, 100_000);
    expect(table.victim(0, 20_000, nobody)).toBe(empty);
  });

  test("what expires within a second is not expired before that second is over", () => {
    const table = tableOf(1);
    const slots = fill(table);
    for (const slot of slots) table.touch(slot, 100_000);
    const [soon, rare] = [slots[0] as number, slots[1] as number];
    for (const slot of slots) if (slot !== rare) table.touch(slot, slot === soon ? 10_001 : 100_000);
    expect(table.victim(0, 10_001, nobody)).toBe(rare);
    expect(table.victim(0, 11_000, nobody)).toBe(soon);
  });

  // It wrapped, and the largest debt was forgiven first.
  test("what is of use for longer than can be told is the last to expire", () => {
    const table = tableOf(1);
    const slots = fill(table);
    for (const slot of slots) table.touch(slot, 100_000);
    const [longest, soon] = [slots[3] as number, slots[5] as number];
    for (const slot of slots) table.touch(slot, slot === longest ? 2 ** 32 * 1000 + 60_000 : 200_000);
    table.touch(soon, 100_000);
    expect(table.victim(0, 150_000, nobody)).toBe(soon);
    table.assign(soon, LOW, 99, false);
    for (let use = 0; use < 5; use++) for (const slot of slots) if (slot !== longest) table.touch(slot, 300_000);
    expect(table.victim(0, 250_000, nobody)).toBe(longest);
    expect(table.victim(0, 350_000, nobody)).not.toBe(longest);
  });

  test("gives away no slot that the request at hand uses", () => {
    const table = tableOf(1);
    const slots = fill(table);
    const last = slots.at(-1);
    expect(table.victim(0, 0, (slot) => slot !== last)).toBe(last);
    expect(table.victim(0, 0, () => true)).toBe(NO_SLOT);
  });

  test("of slots used equally little, the first to expire goes first", () => {
    const table = tableOf(1);
    const slots = fill(table);
    const first = slots[8] as number;
    for (const slot of slots) table.touch(slot, slot === first ? 100_000 : 200_000);
    expect(table.victim(0, 0, nobody)).toBe(first);
  });

  test("a loss ages the others: who was busy once makes room in the end", () => {
    const table = tableOf(1);
    const slots = fill(table);
    for (const slot of slots) table.touch(slot, 100_000);
    const busy = slots[6] as number;
    for (let use = 0; use < 20; use++) table.touch(busy, 100_000);
    let losses = 0;
    while (table.find(0, LOW, 6 + 2) === busy && losses < 100) {
      losses += 1;
      const slot = table.victim(0, 0, nobody);
      table.assign(slot, LOW, 1_000 + losses, false);
      table.touch(slot, 100_000 + losses * 1_000);
    }
    expect(losses).toBeGreaterThan(20);
    expect(losses).toBeLessThan(20 + 2 * SLOTS_PER_SET);
  });

  test("counting uses never spoils the hash beside the count", () => {
    const table = tableOf(1);
    table.assign(16, 0x1234_abcd, 77, true);
    for (let use = 0; use < 40_000; use++) table.touch(16, 1_000);
    expect(table.find(0, 0x1234_abcd, 77)).toBe(16);
    expect(table.hasHolders(16)).toBe(true);
  });
});

const LOW = 0x00ab_cdef;
const nobody = () => false;

function tableOf(sets: number): Table {
  return new Table(new SharedArrayBuffer(Table.byteLength(sets)), 0, sets, 1);
}

/** Gives every slot of the first set to a hash whose high word is the slot's place + 2. */
function fill(table: Table): number[] {
  return Array.from({ length: SLOTS_PER_SET }, (_, i) => {
    const slot = table.victim(0, 0, nobody);
    table.assign(slot, LOW, i + 2, false);
    return slot;
  });
}

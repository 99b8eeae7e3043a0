import { PartitionHash } from "../packages/core/src/memory/partition-hash.ts";
import { Table } from "../packages/core/src/memory/table.ts";
import { callerKeys } from "./keys.ts";
import { type Candidate, interleave } from "./measure.ts";

/** What a decision among a million callers cannot do without: its first steps alone, with no state read or written. */
const CALLERS = 1_000_000;
const ROUNDS = 7;

const keys = callerKeys(CALLERS);
const sets = Table.setsFor(CALLERS);
const table = new Table(new SharedArrayBuffer(Table.byteLength(sets)), 0, sets, 1);
for (let set = 0; set < sets; set++) table.lock(set * 128);
for (let set = 0; set < sets; set++) table.unlock(set * 128);
const hash = new PartitionHash(1, 2);

const hashing: Candidate = {
  name: "hash the key",
  run(count) {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      hash.digest(keys[i] as string, [0, 0]);
      sum += hash.low;
    }
    return sum;
  },
};
const locking: Candidate = {
  name: "hash it, lock its set and let go",
  run(count) {
    for (let i = 0; i < count; i++) {
      hash.digest(keys[i] as string, [0, 0]);
      const set = table.setOf(hash.low);
      table.lock(set);
      table.unlock(set);
    }
    return count;
  },
};

for (const { name, median, low, high } of await interleave([hashing, locking], CALLERS, ROUNDS)) {
  console.log(`${name.padEnd(34)} ${median.toFixed(0)} ns (${low.toFixed(0)} to ${high.toFixed(0)})`);
}

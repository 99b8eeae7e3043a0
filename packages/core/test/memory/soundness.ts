import { cell } from "../../src/algorithm.ts";
import { COUNT, Holders, NEWEST, OLDEST } from "../../src/memory/holders.ts";
import { openMemory } from "../../src/memory/memory.ts";
import { cellsOf } from "../../src/memory/table.ts";

/** A number that no thread of a test has. */
const INSPECTOR = 99;
// The header's words.
const SETS = 2;
const HOLDERS = 3;

/** What is wrong with a memory that no thread is at work on: nothing, if all is well. */
export function faultsOf(memory: SharedArrayBuffer): string[] {
  const header = new Int32Array(memory, 0, 16);
  const capacity = header[HOLDERS] as number;
  const links = new Int32Array(memory, memory.byteLength - Holders.byteLength(capacity));
  const { table, holders } = openMemory(memory, INSPECTOR);
  const faults: string[] = [];
  const seen = new Set<number>();

  // To hold every lock is to know that nobody else does.
  for (let i = 0; i < (header[SETS] as number); i++)
    table.lock(table.setOf(Math.ceil((i * 2 ** 32) / (header[SETS] as number))));
  table.recover(INSPECTOR, (slot) => {
    if (!table.hasHolders(slot)) return;
    const at = cellsOf(slot);
    let newest = 0;
    let count = 0;
    for (let holder = cell(table.cells, at + OLDEST); holder !== 0; holder = holders.next(holder)) {
      if (seen.has(holder)) return void faults.push(`holder ${holder} is in two places`);
      if (links[holder * 6] !== newest)
        faults.push(`holder ${holder} comes after ${newest}, and says ${links[holder * 6]}`);
      seen.add(holder);
      newest = holder;
      count += 1;
    }
    if (cell(table.cells, at + NEWEST) !== newest) faults.push(`the newest of slot ${slot} is ${newest}`);
    if (cell(table.cells, at + COUNT) !== count) faults.push(`slot ${slot} has ${count} holders`);
  });

  const rest = new Float64Array(3);
  while (holders.append(rest, 0, 0) !== 0) {
    const holder = cell(rest, NEWEST);
    if (seen.has(holder)) faults.push(`holder ${holder} is both in a list and free`);
    seen.add(holder);
    if (seen.size > capacity) break;
  }
  if (seen.size !== capacity) faults.push(`${seen.size} of ${capacity} holders are in a list or free`);
  holders.clear(rest, 0);
  return faults;
}

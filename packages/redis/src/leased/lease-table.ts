import type { Cells, Limit } from "@headgate/core";
import { cellsOf, NO_SLOT, openMemory, type PartitionHash, type Table } from "@headgate/core/memory";
import { LEASE_CELLS, strand } from "./lease.ts";

/** What names a counter in the table: the set it belongs to, and the hash that is its identity. */
export interface Place {
  readonly set: number;
  readonly low: number;
  readonly high: number;
}

/** How large to make a new table. */
export interface LeaseTableOptions {
  /** Counters to have room for; when more are live at once, those used least are forgotten. Default 100 000. */
  readonly maxPartitions?: number;
}

/** How long a new lease is kept at least, until a request has used it and says how long it matters. */
const NEW_MS = 1_000;

/** The leases of one process, in memory that all its threads share. */
export class LeaseTable {
  readonly memory: SharedArrayBuffer;
  readonly table: Table;
  readonly #hash: PartitionHash;

  /** Opens a table that another thread made, or makes a new one. `owner` is the number of this thread, from 1. */
  constructor(source: SharedArrayBuffer | LeaseTableOptions, owner: number) {
    const size = { maxPartitions: 100_000, maxHolders: 1, cellsPerSlot: LEASE_CELLS } as const;
    const layout = openMemory(source instanceof SharedArrayBuffer ? source : { ...size, ...source }, owner);
    this.memory = layout.memory;
    this.table = layout.table;
    this.#hash = layout.hash;
  }

  /** The place of a limit's counter for a partition. */
  placeOf(limit: Limit, partition: string): Place {
    this.#hash.digest(partition, limit.counterId);
    const { low, high } = this.#hash;
    return { set: this.table.setOf(low), low, high };
  }

  /** Works on a counter's lease while its set is locked. The lease is made if there is none. */
  with<Result>(place: Place, now: number, work: (cells: Cells, at: number) => Result): Result {
    const { table } = this;
    table.lock(place.set);
    try {
      const slot = table.find(place.set, place.low, place.high);
      return work(table.cells, cellsOf(slot === NO_SLOT ? this.#assign(place, now) : slot));
    } finally {
      table.unlock(place.set);
    }
  }

  /**
   * Frees what thread `dead` had locked, without what was leased there. Call it once for each death, from one thread, when
   * the other has ended.
   */
  recover(dead: number): void {
    this.table.recover(dead, (slot) => strand(this.table.cells, cellsOf(slot)));
  }

  #assign(place: Place, now: number): number {
    const slot = this.table.victim(place.set, now, () => false);
    this.table.assign(slot, place.low, place.high, false);
    this.table.touch(slot, now + NEW_MS);
    return slot;
  }
}

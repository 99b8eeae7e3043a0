import { Holders } from "./holders.ts";
import { PartitionHash } from "./partition-hash.ts";
import { type CellsPerSlot, Table } from "./table.ts";

/** How large to make a new store. */
export interface MemoryStoreOptions {
  /** Partitions to have room for; when more are live at once, those used least are forgotten. Default 1 000 000. */
  readonly maxPartitions?: number;
  /** Requests that concurrency limits can hold in flight at once, all limits together. Default 65 536. */
  readonly maxHolders?: number;
}

/** How to make a new block. */
export interface MemoryOptions extends MemoryStoreOptions {
  /** Default 3, for the algorithms. */
  readonly cellsPerSlot?: CellsPerSlot;
}

/** One shared block: a header, the table, and the pool of concurrency holders. */
export interface MemoryLayout {
  readonly memory: SharedArrayBuffer;
  readonly table: Table;
  readonly holders: Holders;
  readonly hash: PartitionHash;
}

const HEADER_BYTES = 64;
// The header, as 32-bit words.
const KEY_LOW = 0;
const KEY_HIGH = 1;
const SETS = 2;
const HOLDERS = 3;
const CELLS_PER_SLOT = 4;

/** A web-standard global in every runtime; declared here because core is compiled without any runtime's types. */
declare const crypto: { getRandomValues(words: Int32Array): unknown };

/** The thread that starts those that are numbered. */
export const MAIN_THREAD = -1;

/**
 * Opens a block that another thread made, or makes a new one with a secret hash key of its own. `owner` is the number
 * under which this thread takes locks, from 1: no two threads that share a block have the same, so that what one held
 * can be recovered when it has died.
 */
export function openMemory(source: SharedArrayBuffer | MemoryOptions, owner: number = MAIN_THREAD): MemoryLayout {
  const memory = source instanceof SharedArrayBuffer ? source : allocate(source);
  const header = new Int32Array(memory, 0, HEADER_BYTES / 4);
  const sets = header[SETS] as number;
  const cellsPerSlot = header[CELLS_PER_SLOT] as CellsPerSlot;
  const tableBytes = Table.byteLength(sets, cellsPerSlot);
  return {
    memory,
    table: new Table(memory, HEADER_BYTES, sets, owner, cellsPerSlot),
    holders: new Holders(memory, HEADER_BYTES + tableBytes, header[HOLDERS] as number, owner),
    hash: new PartitionHash(header[KEY_LOW] as number, header[KEY_HIGH] as number),
  };
}

function allocate(options: MemoryOptions): SharedArrayBuffer {
  const { maxPartitions = 1_000_000, maxHolders = 65_536, cellsPerSlot = 3 } = options;
  const sets = Table.setsFor(maxPartitions, cellsPerSlot);
  const tableBytes = Table.byteLength(sets, cellsPerSlot);
  const memory = new SharedArrayBuffer(HEADER_BYTES + tableBytes + Holders.byteLength(maxHolders));
  const header = new Int32Array(memory, 0, HEADER_BYTES / 4);
  const secret = new Int32Array(2);
  crypto.getRandomValues(secret);
  header[KEY_LOW] = secret[0] as number;
  header[KEY_HIGH] = secret[1] as number;
  header[SETS] = sets;
  header[HOLDERS] = maxHolders;
  header[CELLS_PER_SLOT] = cellsPerSlot;
  return memory;
}

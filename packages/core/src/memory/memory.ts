import { Holders } from "./holders.ts";
import { PartitionHash } from "./partition-hash.ts";
import { Table } from "./table.ts";

/** How large to make a new store. */
export interface MemoryStoreOptions {
  /** Partitions to have room for; when more are live at once, those used least are forgotten. Default 1 000 000. */
  readonly maxPartitions?: number;
  /** Requests that concurrency limits can hold in flight at once, all limits together. Default 65 536. */
  readonly maxHolders?: number;
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

/** A web-standard global in every runtime; declared here because core is compiled without any runtime's types. */
declare const crypto: { getRandomValues(words: Int32Array): unknown };

/** Opens a block that another thread made, or makes a new one with a secret hash key of its own. */
export function openMemory(source: SharedArrayBuffer | MemoryStoreOptions): MemoryLayout {
  const memory = source instanceof SharedArrayBuffer ? source : allocate(source);
  const header = new Int32Array(memory, 0, HEADER_BYTES / 4);
  const sets = header[SETS] as number;
  return {
    memory,
    table: new Table(memory, HEADER_BYTES, sets),
    holders: new Holders(memory, HEADER_BYTES + Table.byteLength(sets), header[HOLDERS] as number),
    hash: new PartitionHash(header[KEY_LOW] as number, header[KEY_HIGH] as number),
  };
}

function allocate({ maxPartitions = 1_000_000, maxHolders = 65_536 }: MemoryStoreOptions): SharedArrayBuffer {
  const sets = Table.setsFor(maxPartitions);
  const memory = new SharedArrayBuffer(HEADER_BYTES + Table.byteLength(sets) + Holders.byteLength(maxHolders));
  const header = new Int32Array(memory, 0, HEADER_BYTES / 4);
  const secret = new Int32Array(2);
  crypto.getRandomValues(secret);
  header[KEY_LOW] = secret[0] as number;
  header[KEY_HIGH] = secret[1] as number;
  header[SETS] = sets;
  header[HOLDERS] = maxHolders;
  return memory;
}

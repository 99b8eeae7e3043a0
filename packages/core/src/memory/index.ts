export { type MemoryLayout, type MemoryOptions, openMemory } from "./memory.ts";
export { PartitionHash } from "./partition-hash.ts";
export { type CellsPerSlot, cellsOf, NO_SLOT, Table } from "./table.ts";

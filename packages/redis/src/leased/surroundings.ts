import type { Centre } from "./centre.ts";
import type { LeaseTable } from "./lease-table.ts";

/** What all parts of a leased store work with. */
export interface Surroundings {
  readonly centre: Centre;
  readonly leases: LeaseTable;
  /** Epoch ms as the last caller told them. */
  readonly epoch: () => number;
  /** Ms of a clock that is never set. */
  readonly clock: () => number;
  /** By how many ms the centre's clock may be ahead of what is worked out from an answer of this age. */
  readonly leadMs: (ageMs: number) => number;
  readonly processes: () => number;
}

import type { EventHeadRow } from "@headgate/storage";

/** Where an account's chain of events ends, and where retention has cut it off. */
export type Head = Omit<EventHeadRow, "account_id">;

/** The hash before the first event. */
export const NO_HASH: string = "0".repeat(64);

/** Of an account without events. */
export const NO_EVENTS: Head = Object.freeze({ seq: 0, hash: NO_HASH, pruned_seq: 0, pruned_hash: NO_HASH });

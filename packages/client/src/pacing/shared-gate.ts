import type { Clock } from "../clock.ts";
import type { SharingNotice } from "../notice.ts";
import type { Pacer } from "./pacer.ts";
import type { Supply } from "./supply.ts";

/** Lets the gates of several processes or tabs act as one. See `shareOverRedis` and `shareAcrossTabs`. */
export interface SharedGate {
  /** Joins those who share the gate of that key. Undefined where that cannot be done here: then the member is alone. */
  join(key: string, member: GateMember): SharedSupply | undefined;
}

/** One who shares a gate. */
export interface GateMember {
  /** What it would do alone, and does where sharing fails. */
  readonly alone: Pacer;
  readonly clock: Clock;
  /** To be called when calls may go earlier than `nextAt` said last. */
  readonly wake: () => void;
  /** Tells the listener what became of sharing. Never throws. */
  readonly tell: (kind: SharingNotice["kind"], reason: string) => void;
}

/** A supply that others draw from too. */
export interface SharedSupply extends Supply {
  /** Leaves the others. From here on the member is alone. */
  close(): void;
}

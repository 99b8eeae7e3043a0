import type { Script } from "./script.ts";

/**
 * A Redis, however many servers it is: all that stores need of it. Scripts take one argument and give one answer, both
 * bytes of their own making, so that neither the client nor the protocol has a part in what they cost.
 */
export interface Link {
  /** Whether keys of different slots need a call each: so it is with a Cluster. */
  readonly hasSlots: boolean;
  /** The slot that a key is in; 0 where there are none. */
  slotOf(key: string): number;
  /**
   * Runs a script once, where its keys are; all of them are of one slot. Rejects with `HG_REDIS_UNREACHABLE` or
   * `HG_REDIS_REFUSED`, and a guarded link with `HG_STORE_…` too.
   */
  run(script: Script, keys: readonly string[], argument: Buffer): Promise<Buffer>;
  /** Lets go of the connections. What is under way is rejected. */
  close(): Promise<void>;
}

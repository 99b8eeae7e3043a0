import { MemoryStore, type Store } from "@headgate/core";
import type { GatewayLog } from "@headgate/gateway";

/** Where counters live, as it is sent to every thread that counts. */
export interface CountersPlace {
  readonly memory: SharedArrayBuffer;
}

/** Counters that a thread has opened. */
export interface Counters {
  readonly store: Store;
  close(): Promise<void>;
}

/** Opens them in one thread of several; `owner` is its number. */
export async function openCounters(
  { memory }: CountersPlace,
  _options: { readonly owner: number; readonly clock: () => number; readonly log: GatewayLog },
): Promise<Counters> {
  return { store: new MemoryStore(memory), close: async () => {} };
}

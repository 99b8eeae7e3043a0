import { ExactStore, type ExactStoreOptions, type Link } from "../../src/index.ts";

const HOUR_MS = 3_600_000;

let stores = 0;

/** A store with keys of its own that goes by the time it is told. Its counters outlive clocks that run ahead of Redis's. */
export function storeOver(link: Link, options: ExactStoreOptions = {}): ExactStore {
  stores += 1;
  return new ExactStore(link, { prefix: `test-${stores}`, time: "caller", graceMs: HOUR_MS, ...options });
}

/** What a link was asked to run. */
export interface Run {
  readonly keys: readonly string[];
  readonly argument: Buffer;
}

/** Another link to what a link leads to, which keeps what it was asked, and may run something else first. */
export function watched(link: Link, before: (run: Run) => void = () => undefined): Link & { readonly runs: Run[] } {
  const runs: Run[] = [];
  return {
    runs,
    hasSlots: link.hasSlots,
    slotOf: (key) => link.slotOf(key),
    run: async (script, keys, argument) => {
      runs.push({ keys, argument });
      before({ keys, argument });
      return link.run(script, keys, argument);
    },
    close: () => link.close(),
  };
}

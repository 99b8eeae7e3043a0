import type { Clock } from "@headgate/client";
import type { Leftovers, SealedItems, Spill, SpilledItem } from "@headgate/client/batch";

/** What a spill has on record: outlasts the spill. */
export interface SpillMemory {
  readonly items: Map<number, SpilledItem>;
  /** What each item was sealed with last. */
  readonly sealed: Map<number, SealedItems>;
}

/** A spill in memory, on whose record everything comes after `latencyMs`, in order; nothing any more once it is cut off. */
export function memorySpill(
  memory: SpillMemory,
  clock: Clock,
  { latencyMs = 3, isCutOff = () => false }: { readonly latencyMs?: number; readonly isCutOff?: () => boolean } = {},
): Spill {
  let last = Promise.resolve();
  const record = (change: () => void): Promise<void> => {
    last = last.then(async () => {
      await clock.sleep(latencyMs);
      if (isCutOff()) await new Promise(() => {});
      change();
    });
    return last;
  };
  return {
    open: async (): Promise<Leftovers> => {
      const items = [...memory.items.values()].sort((one, other) => one.id - other.id);
      const whole = new Set([...memory.sealed.values()]);
      const sealed = [...whole].filter((each) =>
        each.ids.every((id) => memory.items.has(id) && memory.sealed.get(id) === each),
      );
      return { items, sealed, nextId: Math.max(0, ...memory.sealed.keys(), ...memory.items.keys()) + 1, damaged: 0 };
    },
    append: (item) => record(() => memory.items.set(item.id, item)),
    seal: (sealed) =>
      record(() => {
        for (const id of sealed.ids) memory.sealed.set(id, sealed);
      }),
    forget: (ids) => {
      void record(() => {
        for (const id of ids) memory.items.delete(id);
      });
    },
    close: () => last,
  };
}

import type { Clock } from "../clock.ts";

/** A clock that stands still until it is told, and wakes sleepers in order as it passes their times. */
export interface VirtualClock extends Clock {
  /** Goes on by `ms`, stopping at each sleeper that is due and letting what it does settle. */
  readonly advance: (ms: number) => Promise<void>;
  /** Goes on until `promise` settles, from sleeper to sleeper, and gives back what it settles to. */
  readonly until: <Value>(promise: Promise<Value>) => Promise<Value>;
  /** How many sleep. */
  readonly sleepers: () => number;
}

interface Sleeper {
  readonly wakesAt: number;
  readonly wake: () => void;
}

/** Makes a clock that shows `start`, epoch ms. */
export function virtualClock(start = 1_800_000_000_000): VirtualClock {
  let instant = start;
  const sleepers = new Set<Sleeper>();

  const earliest = (): Sleeper | undefined => {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) if (!first || sleeper.wakesAt < first.wakesAt) first = sleeper;
    return first;
  };
  const step = async (latest: number): Promise<boolean> => {
    await settled();
    const first = earliest();
    if (!first || first.wakesAt > latest) return false;
    sleepers.delete(first);
    instant = Math.max(instant, first.wakesAt);
    first.wake();
    return true;
  };

  return {
    now: () => instant,
    sleepers: () => sleepers.size,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          wakesAt: instant + Math.max(0, ms),
          wake: () => {
            signal?.removeEventListener("abort", abort);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", abort, { once: true });
      }),
    advance: async (ms) => {
      const end = instant + ms;
      while (await step(end));
      instant = end;
      await settled();
    },
    until: async (promise) => {
      let isSettled = false;
      const note = (): void => {
        isSettled = true;
      };
      promise.then(note, note);
      await settled();
      while (!isSettled) {
        if (!(await step(Number.POSITIVE_INFINITY))) throw new Error("nobody sleeps, and the promise is not settled");
        await settled();
      }
      return promise;
    },
  };
}

/** Lets promises that can go on do so, streams of bodies among them. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

import type { Clock } from "./clock.ts";

/** The longest that `setTimeout` can wait: what is longer it would not wait at all. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * This machine's clock as it was when the process began, and on from there: it does not jump when that is set. On most
 * systems it stands still while the machine sleeps.
 */
export const systemClock: Clock = /* @__PURE__ */ machineClock();

function machineClock(): Clock {
  const startedAt = performance.timeOrigin;
  return {
    now: () => Math.floor(startedAt + performance.now()),
    wallNow: () => Date.now(),
    sleep: async (ms, signal) => {
      const until = performance.now() + ms;
      // A timer may be early by a fraction of a millisecond, and a limit is not to be met early.
      for (let left = ms; left > 0; left = until - performance.now()) await timeout(Math.ceil(left), signal);
      signal?.throwIfAborted();
    },
  };
}

function timeout(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      },
      Math.min(ms, LONGEST_TIMEOUT_MS),
    );
    signal?.addEventListener("abort", abort, { once: true });
  });
}

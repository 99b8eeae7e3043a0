/** Settles as the promise does; but where the signal aborts before, calls `leave`, and rejects with the signal's reason at once. */
export function abortable<Value>(promise: Promise<Value>, signal: AbortSignal, leave?: () => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      leave?.();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

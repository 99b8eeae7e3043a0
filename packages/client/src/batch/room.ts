/** Room for so many items and bytes. Who finds none waits; first come, first served. */
export class Room {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #waiting = new Set<Waiter>();
  #items = 0;
  #bytes = 0;

  constructor(maxItems: number, maxBytes: number) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
  }

  /** Resolves when an item has its room. Rejects with the signal's reason as soon as that aborts. */
  take(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => waiter.leave(signal?.reason);
      const waiter: Waiter = {
        bytes,
        enter: () => {
          signal?.removeEventListener("abort", abort);
          this.occupy(bytes);
          resolve();
        },
        leave: (reason) => {
          signal?.removeEventListener("abort", abort);
          this.#waiting.delete(waiter);
          reject(reason);
          this.#admit();
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.add(waiter);
      this.#admit();
    });
  }

  /** Takes room for an item, be it there or not. */
  occupy(bytes: number): void {
    this.#items += 1;
    this.#bytes += bytes;
  }

  /** Gives back what an item had. */
  free(bytes: number): void {
    this.#items -= 1;
    this.#bytes -= bytes;
    this.#admit();
  }

  /** Sends those who wait away, with what their promises reject with. */
  clear(reason: unknown): void {
    for (const waiter of this.#waiting) waiter.leave(reason);
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      // One item has room always, whatever its size.
      const fits = this.#items < this.#maxItems && this.#bytes + waiter.bytes <= this.#maxBytes;
      if (!fits && this.#items > 0) return;
      this.#waiting.delete(waiter);
      waiter.enter();
    }
  }
}

interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
  readonly leave: (reason: unknown) => void;
}

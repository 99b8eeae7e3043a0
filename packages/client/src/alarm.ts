import type { Clock } from "./clock.ts";

/** Rings once, at the time that it was set to last. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at: number = Number.POSITIVE_INFINITY;
  #canceller = new AbortController();

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  get isSet(): boolean {
    return this.#at !== Number.POSITIVE_INFINITY;
  }

  /** Epoch ms; infinity for never. */
  set(at: number): void {
    if (at === this.#at) return;
    this.#canceller.abort();
    this.#at = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#canceller = new AbortController();
    this.#clock.sleep(at - this.#clock.now(), this.#canceller.signal).then(
      () => {
        this.#at = Number.POSITIVE_INFINITY;
        this.#ring();
      },
      () => {},
    );
  }
}

import type { Cell } from "../../../src/pacing/cell/cell.ts";
import type { VirtualClock } from "../../../src/testing/virtual-clock.ts";

/** A cell at the end of a line that takes a ms each way. `isDown` cuts it; `aheadMs` is how far its clock is ahead. */
export class MemoryCell implements Cell {
  isDown = false;
  swaps = 0;
  readonly texts = new Map<string, string>();
  readonly #clock: VirtualClock;
  readonly #aheadMs: number;

  constructor(clock: VirtualClock, aheadMs = 0) {
    this.#clock = clock;
    this.#aheadMs = aheadMs;
  }

  async swap(key: string, expected: string, next: string): Promise<{ instead: string | undefined; now: number }> {
    await this.#clock.sleep(1);
    if (this.isDown) throw new Error("the line is cut");
    this.swaps++;
    const there = this.texts.get(key) ?? "";
    if (there === expected) this.texts.set(key, next);
    const swap = { instead: there === expected ? undefined : there, now: this.#clock.now() + this.#aheadMs };
    await this.#clock.sleep(1);
    return swap;
  }
}

import type { Limit } from "@headgate/core";
import { PartitionHash } from "@headgate/core/memory";
import type { WindowCount } from "./window-count.ts";

/** Callers followed at a time. With six windows and five scopes, some 60 MB. */
const MOST_CALLERS = 65_536;
const CELLS = 3;
const NO_TWEAK: readonly [number, number] = [0, 0];

/**
 * The most that each caller of a kind asked for in one window, for each scope and window. Where there are more callers
 * than can be followed, half of them are forgotten, by their hash, and such callers are followed no more: who is left is
 * a fair sample, and the same in each run.
 */
export class Peaks {
  readonly #limits: readonly Limit[];
  readonly #countIn: WindowCount;
  /** Counters of one caller: the windows of the first scope, then of the next. */
  readonly #width: number;
  readonly #mostCallers: number;
  readonly #hash = new PartitionHash(0x2f5b1a37, 0x68656164);
  #rows = new Map<number, number>();
  #cells = new Float64Array(0);
  #peaks = new Uint32Array(0);
  #keptOf = 1;

  constructor(limits: readonly Limit[], scopes: number, countIn: WindowCount, mostCallers: number = MOST_CALLERS) {
    this.#limits = limits;
    this.#countIn = countIn;
    this.#width = limits.length * scopes;
    this.#mostCallers = mostCallers;
  }

  /** Counts a request of a caller in a scope, by its index. */
  note(caller: string, scope: number, now: number): void {
    const row = this.#rowOf(caller);
    if (row === undefined) return;
    const first = row * this.#width + scope * this.#limits.length;
    for (const [i, limit] of this.#limits.entries()) {
      const count = this.#countIn(this.#cells, (first + i) * CELLS, limit, now);
      if (count > (this.#peaks[first + i] as number)) this.#peaks[first + i] = count;
    }
  }

  /** Callers followed. */
  get callers(): number {
    return this.#rows.size;
  }

  /** One in how many was followed: 1 for all. */
  get keptOf(): number {
    return this.#keptOf;
  }

  /** The peak of a caller, by its index from 0, in a scope and window, by theirs. */
  peak(caller: number, scope: number, window: number): number {
    return this.#peaks[caller * this.#width + scope * this.#limits.length + window] as number;
  }

  #rowOf(caller: string): number | undefined {
    this.#hash.digest(caller, NO_TWEAK);
    const low = this.#hash.low >>> 0;
    if (!this.#isFollowed(low)) return undefined;
    const key = (this.#hash.high & 0x1f_ffff) * 2 ** 32 + low;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    while (this.#rows.size >= this.#mostCallers) this.#halve();
    return this.#isFollowed(low) ? this.#add(key) : undefined;
  }

  #isFollowed(low: number): boolean {
    return low < 2 ** 32 / this.#keptOf;
  }

  #add(key: number): number {
    const row = this.#rows.size;
    this.#rows.set(key, row);
    if ((row + 1) * this.#width > this.#peaks.length) {
      const size = Math.max(1024, 2 * row) * this.#width;
      this.#cells = grown(this.#cells, new Float64Array(size * CELLS));
      this.#peaks = grown(this.#peaks, new Uint32Array(size));
    }
    return row;
  }

  /** Forgets every other caller, and moves the others together. */
  #halve(): void {
    this.#keptOf *= 2;
    const kept = new Map<number, number>();
    const width = this.#width;
    for (const [key, row] of this.#rows) {
      if (!this.#isFollowed(key % 2 ** 32)) continue;
      const to = kept.size;
      this.#cells.copyWithin(to * width * CELLS, row * width * CELLS, (row + 1) * width * CELLS);
      this.#peaks.copyWithin(to * width, row * width, (row + 1) * width);
      kept.set(key, to);
    }
    this.#cells.fill(0, kept.size * width * CELLS);
    this.#peaks.fill(0, kept.size * width);
    this.#rows = kept;
  }
}

function grown<Numbers extends Float64Array | Uint32Array>(old: Numbers, larger: Numbers): Numbers {
  larger.set(old);
  return larger;
}

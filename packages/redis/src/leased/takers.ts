import type { Entry } from "./entry.ts";
import { askedAtOf } from "./lease.ts";
import type { Surroundings } from "./surroundings.ts";
import { Taker } from "./taker.ts";

/** A power of two. */
const RECENT = 1024;

/** The takers of this thread, one for each counter that has been asked for of late. */
export class Takers {
  readonly #around: Surroundings;
  readonly #byHash = new Map<number, Taker>();
  /** Those that were asked for last, by a part of the hash: a look here is a third of one in the map. */
  readonly #recent = new Array<Taker | undefined>(RECENT).fill(undefined);

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** The taker of an entry's counter. */
  of(entry: Entry): Taker {
    let { taker } = entry;
    if (taker === undefined || taker.isRetired) taker = entry.taker = this.#recently(entry) ?? this.#find(entry);
    taker.isWanted = true;
    taker.limit = entry.limit;
    return taker;
  }

  /** Does what takers do every so often, and lets go of those that have nothing to do. */
  sweep(): void {
    for (const [hash, taker] of this.#byHash) {
      if (taker.sweep()) continue;
      taker.isRetired = true;
      this.#byHash.delete(hash);
    }
  }

  /** Gives back all that is leased. */
  giveUp(): Promise<void>[] {
    return [...this.#byHash.values()].map((taker) => taker.giveUp());
  }

  #recently({ low, high }: Entry): Taker | undefined {
    const taker = this.#recent[low & (RECENT - 1)];
    return taker?.isOf(low, high) && !taker.isRetired ? taker : undefined;
  }

  #find({ set, low, high, limit, partition, cells, at }: Entry): Taker {
    const hash = (low >>> 0) + (high & 0xf_ffff) * 2 ** 32;
    const taker =
      this.#byHash.get(hash) ?? new Taker({ set, low, high }, { limit, partition }, askedAtOf(cells, at), this.#around);
    this.#byHash.set(hash, taker);
    this.#recent[low & (RECENT - 1)] = taker;
    return taker;
  }
}

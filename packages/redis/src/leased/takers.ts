import type { Limit } from "@headgate/core";
import type { Entry } from "./entry.ts";
import { askedAtOf } from "./lease.ts";
import type { Surroundings } from "./surroundings.ts";
import { Taker } from "./taker.ts";

/** The takers of this thread, one for each counter that has been asked for of late. */
export class Takers {
  readonly #around: Surroundings;
  /** Those of each partition. */
  readonly #byPartition = new Map<string, Taker[]>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** The taker of a counter, if it has one. */
  find(limit: Limit, partition: string): Taker | undefined {
    const takers = this.#byPartition.get(partition);
    if (takers === undefined) return undefined;
    for (let i = 0; i < takers.length; i++) if ((takers[i] as Taker).isOf(limit)) return takers[i];
    return undefined;
  }

  /** The taker of an entry's counter. */
  of(entry: Entry): Taker {
    let { taker } = entry;
    if (taker === undefined || taker.isRetired) taker = entry.taker = this.#employ(entry);
    taker.isWanted = true;
    taker.limit = entry.limit;
    return taker;
  }

  /** Does what takers do every so often, and lets go of those that have nothing to do. */
  sweep(): void {
    for (const [partition, takers] of this.#byPartition) {
      const kept = takers.filter((taker) => {
        taker.isRetired = !taker.sweep();
        return !taker.isRetired;
      });
      if (kept.length === 0) this.#byPartition.delete(partition);
      else if (kept.length < takers.length) this.#byPartition.set(partition, kept);
    }
  }

  /** Gives back all that is leased. */
  giveUp(): Promise<void>[] {
    return [...this.#byPartition.values()].flat().map((taker) => taker.giveUp());
  }

  #employ({ place, limit, partition, cells, at }: Entry): Taker {
    const known = this.find(limit, partition);
    if (known !== undefined) return known;
    const taker = new Taker(place, { limit, partition }, askedAtOf(cells, at), this.#around);
    const takers = this.#byPartition.get(partition);
    if (takers) takers.push(taker);
    else this.#byPartition.set(partition, [taker]);
    return taker;
  }
}

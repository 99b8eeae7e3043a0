import { fixedWindow, slidingWindow } from "@headgate/core";
import type { Counter, Grant, Order, Standing } from "../../src/leased/centre.ts";

/** What a centre does, over core's own algorithms: the twin of `lua/lease.lua`. */
export class Counters {
  /** Those that have ever been charged. The others begin anew with every question. */
  readonly #cells = new Map<string, Float64Array>();
  /** The last number under which each sender has given something back to a counter. */
  readonly #settled = new Map<string, number>();

  take(counter: Counter, { least, need, want, processes }: Order, time: number): Grant {
    const { limit } = counter;
    const cells = this.#advanced(counter, time);
    const algorithm = algorithmOf(counter);
    const room = limit.quota - algorithm.used(cells, 0, limit, time);
    const granted =
      room < least ? 0 : Math.max(Math.min(need, room), Math.min(want, Math.floor(room / (2 * processes))));
    const standing = granted > 0 ? this.charge(counter, granted, time) : this.#standing(cells, time);
    return { ...standing, granted: Math.max(0, granted) };
  }

  charge(counter: Counter, units: number, time: number): Standing {
    const cells = this.#advanced(counter, time);
    this.#cells.set(nameOf(counter), cells);
    algorithmOf(counter).charge(cells, 0, counter.limit, units, time);
    return this.#standing(cells, time);
  }

  /** `number` grows with every settlement of a sender's; one that is not larger than the last is a repetition. */
  settle(counter: Counter, units: number, ticket: number, sender: string, number: number, time: number): Standing {
    const cells = this.#advanced(counter, time);
    const settler = `${sender} ${nameOf(counter)}`;
    if (number > (this.#settled.get(settler) ?? 0) && this.#cells.has(nameOf(counter))) {
      this.#settled.set(settler, number);
      algorithmOf(counter).refund(cells, 0, counter.limit, units, ticket, time);
      algorithmOf(counter).advance(cells, 0, counter.limit, time);
    }
    return this.#standing(cells, time);
  }

  forget(counter: Counter): void {
    this.#cells.delete(nameOf(counter));
  }

  #advanced(counter: Counter, time: number): Float64Array {
    const cells = this.#cells.get(nameOf(counter)) ?? new Float64Array(3);
    algorithmOf(counter).advance(cells, 0, counter.limit, time);
    return cells;
  }

  #standing(cells: Float64Array, time: number): Standing {
    const [first = 0, second = 0, third = 0] = cells;
    return { time, cells: [first, second, third] };
  }
}

function algorithmOf({ limit }: Counter): typeof fixedWindow {
  return limit.algorithm === "sliding-window" ? slidingWindow : fixedWindow;
}

function nameOf({ limit, partition }: Counter): string {
  return `${limit.counterId} ${partition}`;
}

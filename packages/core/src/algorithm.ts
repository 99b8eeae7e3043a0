import type { Limit } from "./limit.ts";

/**
 * The state of many partitions side by side. One partition has three whole numbers, `cells[at]` to `cells[at + 2]`; what
 * they mean is the algorithm's own affair, and three zeros mean "never seen".
 */
export type Cells = Float64Array;

/**
 * How a limit counts, as functions of (state, limit, cost, now) alone: no clock, no store, no fractions. They work in
 * place on {@link Cells}, so that the same arithmetic runs over a typed array here and over a hash in Lua.
 *
 * Call `advance` first; the other five expect a state that is up to date.
 */
export interface Algorithm {
  /** Brings the state forward to `now`. Spends nothing; done twice, it is done once. */
  advance(cells: Cells, at: number, limit: Limit, now: number): void;

  /** Ms until `cost` units are admitted if nobody else comes: 0 for now, Infinity for never. Exact to the ms. */
  wait(cells: Cells, at: number, limit: Limit, cost: number, now: number): number;

  /** Takes `cost` units, admitted or not. Returns a ticket by which they can be given back. */
  charge(cells: Cells, at: number, limit: Limit, cost: number, now: number): number;

  /** Gives back what a ticket took, if the window it was taken from still counts; otherwise does nothing. */
  refund(cells: Cells, at: number, limit: Limit, cost: number, ticket: number, now: number): void;

  /** Units taken: what remains is `limit.capacity` less this. */
  used(cells: Cells, at: number, limit: Limit, now: number): number;

  /**
   * Ms until the whole capacity is there again if nobody comes; after that the state may be forgotten. Of a window it is
   * the end that is told, also where nothing has been used: that of the window a request would open now.
   */
  resetMs(cells: Cells, at: number, limit: Limit, now: number): number;
}

/**
 * Reads cell `index`. A cell is always inside the array it was made for, which the type checker cannot know.
 * (Inlined by V8; a bench of the hot key shows no difference to a bare index.)
 */
export function cell(cells: Cells, index: number): number {
  return cells[index] as number;
}

import { type Cells, fixedWindow, type Limit } from "@headgate/core";

/** Counts one request more, in the three cells of a partition. Returns what is to be at most the quota. */
export type WindowCount = (cells: Cells, at: number, limit: Limit, now: number) => number;

/** Counts as the gate does, by its own algorithm: a window opens at the first request after the last one has closed. */
export const countInOwnWindow: WindowCount = (cells, at, limit, now) => {
  fixedWindow.advance(cells, at, limit, now);
  fixedWindow.charge(cells, at, limit, 1, now);
  return fixedWindow.used(cells, at, limit, now);
};

const START = 0;
const COUNT = 1;
const BEFORE = 2;

/**
 * Counts at least what any window holds, wherever it begins and whichever of the requests are left out: a window lies
 * within two that follow each other on the clock.
 */
export const countInAnyWindow: WindowCount = (cells, at, { windowMs }, now) => {
  const start = now - (now % windowMs);
  const last = cells[at + START] as number;
  if (start !== last) {
    cells[at + BEFORE] = start - last === windowMs ? (cells[at + COUNT] as number) : 0;
    cells[at + COUNT] = 0;
    cells[at + START] = start;
  }
  cells[at + COUNT] = (cells[at + COUNT] as number) + 1;
  return (cells[at + COUNT] as number) + (cells[at + BEFORE] as number);
};

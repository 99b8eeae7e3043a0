import { type Algorithm, type Cells, cell } from "../algorithm.ts";
import type { Limit } from "../limit.ts";

/** Start of the current window, a multiple of its length since the epoch; epoch ms. */
const START = 0;
const CURRENT = 1;
const PREVIOUS = 2;

/**
 * Two counters: the current window's in full, and the previous window's for the share of it that the last `windowMs`
 * still cover. Admits when `previous * (window - elapsed) + (current + cost) * window <= quota * window`.
 */
export const slidingWindow: Algorithm = {
  advance(cells, at, limit, now) {
    const start = cell(cells, at + START);
    const latest = now - (now % limit.windowMs);
    if (latest === start) return;
    if (latest > start) {
      cells[at + PREVIOUS] = latest - start === limit.windowMs ? cell(cells, at + CURRENT) : 0;
      // The start before the count: a thread that dies in between leaves too much counted, not too little.
      cells[at + START] = latest;
      cells[at + CURRENT] = 0;
    } else if (start - now > limit.windowMs) {
      // The clock was set back by more than a window: go on from where it stands now. How much of the previous window
      // was still covered is not known any more, so all of it is, up to the quota.
      const current = cell(cells, at + CURRENT);
      cells[at + CURRENT] = Math.max(current, Math.min(current + cell(cells, at + PREVIOUS), limit.quota));
      cells[at + PREVIOUS] = 0;
      cells[at + START] = latest;
    }
  },

  wait(cells, at, limit, cost, now) {
    if (cost > limit.quota) return Number.POSITIVE_INFINITY;
    const { windowMs, quota } = limit;
    const start = cell(cells, at + START);
    const current = cell(cells, at + CURRENT);

    const room = quota - current - cost;
    if (room >= 0) {
      const needed = elapsedUntil(cell(cells, at + PREVIOUS), room, windowMs);
      return needed <= elapsed(cells, at, now) ? 0 : start + needed - now;
    }
    // Only after this window has become the previous one.
    return start + windowMs + elapsedUntil(current, quota - cost, windowMs) - now;
  },

  charge(cells, at, _limit, cost) {
    cells[at + CURRENT] = cell(cells, at + CURRENT) + cost;
    return cell(cells, at + START);
  },

  refund(cells, at, limit, cost, ticket) {
    const age = cell(cells, at + START) - ticket;
    if (age === 0) cells[at + CURRENT] = Math.max(0, cell(cells, at + CURRENT) - cost);
    else if (age === limit.windowMs) cells[at + PREVIOUS] = Math.max(0, cell(cells, at + PREVIOUS) - cost);
  },

  used(cells, at, limit, now) {
    const stillCovered = limit.windowMs - elapsed(cells, at, now);
    return cell(cells, at + CURRENT) + Math.ceil((cell(cells, at + PREVIOUS) * stillCovered) / limit.windowMs);
  },

  resetMs(cells, at, limit, now) {
    const windows = cell(cells, at + CURRENT) > 0 ? 2 : 1;
    return cell(cells, at + START) + windows * limit.windowMs - now;
  },
};

function elapsed(cells: Cells, at: number, now: number): number {
  return Math.max(0, now - cell(cells, at + START));
}

/**
 * The first ms of a window at which what is left of `previous` fits into `room`, that is
 * `previous * (windowMs - elapsed) <= room * windowMs`. The quotient of two integers below 2^53 rounds down exactly.
 */
function elapsedUntil(previous: number, room: number, windowMs: Limit["windowMs"]): number {
  return previous <= room ? 0 : windowMs - Math.floor((room * windowMs) / previous);
}

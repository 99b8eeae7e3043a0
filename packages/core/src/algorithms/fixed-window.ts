import { type Algorithm, type Cells, cell } from "../algorithm.ts";
import { calendarWindow } from "../calendar.ts";
import type { Limit } from "../limit.ts";

/** When the open window began; epoch ms. Means nothing while `USED` is 0: then no window is open. */
const START = 0;
const USED = 1;

/**
 * A quota for each window. The window opens at the partition's first request, on a multiple of its length since the
 * epoch, or with the calendar's day or month.
 */
export const fixedWindow: Algorithm = {
  advance(cells, at, limit, now) {
    if (cell(cells, at + USED) === 0) return;
    const start = cell(cells, at + START);
    if (now >= windowEnd(limit, start)) cells[at + USED] = 0;
    // The clock was set back by more than a window: begin the window anew with its count kept, so that nobody gets
    // more than the quota and nobody waits longer than a window.
    else if (start - now > limit.windowMs) cells[at + START] = windowStart(limit, now);
  },

  wait(cells, at, limit, cost, now) {
    if (cost > limit.quota) return Number.POSITIVE_INFINITY;
    if (cell(cells, at + USED) + cost <= limit.quota) return 0;
    return windowEnd(limit, cell(cells, at + START)) - now;
  },

  charge(cells, at, limit, cost, now) {
    if (cell(cells, at + USED) === 0) cells[at + START] = windowStart(limit, now);
    cells[at + USED] = cell(cells, at + USED) + cost;
    return cell(cells, at + START);
  },

  refund(cells, at, _limit, cost, ticket) {
    if (cell(cells, at + START) !== ticket) return;
    cells[at + USED] = Math.max(0, cell(cells, at + USED) - cost);
  },

  used(cells, at) {
    return cell(cells, at + USED);
  },

  resetMs(cells, at, limit, now) {
    const start = openWindow(cells, at) ?? windowStart(limit, now);
    return windowEnd(limit, start) - now;
  },
};

function openWindow(cells: Cells, at: number): number | undefined {
  return cell(cells, at + USED) === 0 ? undefined : cell(cells, at + START);
}

function windowStart(limit: Limit, now: number): number {
  if (limit.calendar) return calendarWindow(limit.calendar, now).start;
  return limit.align === "clock" ? now - (now % limit.windowMs) : now;
}

function windowEnd(limit: Limit, start: number): number {
  return limit.calendar ? calendarWindow(limit.calendar, start).end : start + limit.windowMs;
}

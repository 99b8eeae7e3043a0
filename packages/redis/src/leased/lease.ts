import { type Algorithm, type AlgorithmName, type Cells, fixedWindow, type Limit, slidingWindow } from "@headgate/core";
import type { Standing } from "./centre.ts";

/**
 * A lease is seven cells of shared memory: what the centre last said of the counter, in the algorithm's own three cells,
 * so that all that can be known of used, waits and resets is worked out here by the same arithmetic; and what is left of
 * the units that were taken. A counter of which nothing was ever heard is all zeros.
 */
export const LEASE_CELLS = 7;

/** In both algorithms the start of the window, which is also the ticket of what is charged to it. */
const TICKET = 0;
/** In both too: units charged to that window. */
const CHARGED = 1;
const LEFT = 3;
/** The centre's clock when it last spoke, and the process's when that was asked. */
const CENTRE_TIME = 4;
const ASKED_AT = 5;
/** The largest quota that what is left was taken under. */
const QUOTA = 6;

const LEASABLE: Partial<Record<AlgorithmName, Algorithm>> = {
  "fixed-window": fixedWindow,
  "sliding-window": slidingWindow,
};

/**
 * Whether a limit's units can be taken ahead. Those of a bucket cannot: while they are held it refills, and would then
 * give more than its burst at once. Nor can places in flight.
 */
export function isLeasable(limit: Limit): boolean {
  return LEASABLE[limit.algorithm] !== undefined;
}

export function algorithmOf(limit: Limit): Algorithm {
  return LEASABLE[limit.algorithm] as Algorithm;
}

export function isKnown(cells: Cells, at: number): boolean {
  return askedAtOf(cells, at) !== 0;
}

export function leftOf(cells: Cells, at: number): number {
  return cells[at + LEFT] as number;
}

/** Units charged to the window of the ticket, those that are left among them. */
export function chargedOf(cells: Cells, at: number): number {
  return cells[at + CHARGED] as number;
}

export function ticketOf(cells: Cells, at: number): number {
  return cells[at + TICKET] as number;
}

/** The largest quota that what is left was taken under. A limit with less must not be served from it. */
export function quotaOf(cells: Cells, at: number): number {
  return cells[at + QUOTA] as number;
}

/** When the centre was asked what is known; 0 where nothing is. */
export function askedAtOf(cells: Cells, at: number): number {
  return cells[at + ASKED_AT] as number;
}

/** Ms since the centre was asked what is known. */
export function ageOf(cells: Cells, at: number, now: number): number {
  return now - askedAtOf(cells, at);
}

/** What the centre's clock shows at the latest if both run alike: it has run since the question left, not since the answer came. */
export function centreTime(cells: Cells, at: number, now: number): number {
  return (cells[at + CENTRE_TIME] as number) + ageOf(cells, at, now);
}

/** Counts units as used no more, or again: the centre counts those at hand, but nobody has spent them. */
export function discount(cells: Cells, at: number, units: number): void {
  cells[at + CHARGED] = (cells[at + CHARGED] as number) - units;
}

/** Puts units to what is left. They were taken under `quota`. */
export function put(cells: Cells, at: number, units: number, quota: number): void {
  const left = leftOf(cells, at);
  cells[at + QUOTA] = left > 0 ? Math.max(quota, quotaOf(cells, at)) : quota;
  cells[at + LEFT] = left + units;
}

/** Takes units from what is left. */
export function spend(cells: Cells, at: number, units: number): void {
  cells[at + LEFT] = leftOf(cells, at) - units;
}

/**
 * Brings a lease forward to the centre's `time`. Returns what was left of a window that is over; it is spent no more.
 */
export function forward(cells: Cells, at: number, limit: Limit, time: number): number {
  const algorithm = algorithmOf(limit);
  const left = leftOf(cells, at);
  const ticket = ticketOf(cells, at);
  algorithm.advance(cells, at, limit, time);
  if (left === 0 || (ticketOf(cells, at) === ticket && algorithm.used(cells, at, limit, time) > 0)) return 0;
  cells[at + LEFT] = 0;
  algorithm.refund(cells, at, limit, left, ticket, time);
  return left;
}

/** Takes units from what is left, to give them back to the centre. */
export function withdraw(cells: Cells, at: number, limit: Limit, units: number, time: number): void {
  spend(cells, at, units);
  algorithmOf(limit).refund(cells, at, limit, units, ticketOf(cells, at), time);
}

/** Leaves what is left to nobody: a thread died at work on it, and may have moved the window alone. */
export function strand(cells: Cells, at: number): void {
  cells[at + LEFT] = 0;
}

/**
 * Takes over what the centre has said, unless something newer is known. Returns what was left of another window than it
 * speaks of; it is spent no more.
 */
export function learn(cells: Cells, at: number, standing: Standing, askedAt: number): number {
  if (askedAt < askedAtOf(cells, at)) return 0;
  const left = ticketOf(cells, at) === standing.cells[0] ? 0 : leftOf(cells, at);
  if (left > 0) cells[at + LEFT] = 0;
  for (let i = 0; i < standing.cells.length; i++) cells[at + i] = standing.cells[i] as number;
  cells[at + CENTRE_TIME] = standing.time;
  cells[at + ASKED_AT] = askedAt;
  return left;
}

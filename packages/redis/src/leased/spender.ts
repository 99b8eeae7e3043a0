import { type Claim, fixedWindow, type Verdict } from "@headgate/core";
import { cellsOf, NO_SLOT } from "@headgate/core/memory";
import { Entry } from "./entry.ts";
import { ageOf, centreTime, chargedOf, isKnown, leftOf, quotaOf, spend, ticketOf } from "./lease.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Takers } from "./takers.ts";

/**
 * Answers what most requests come to: one limit of a fixed window that is open, with units at hand. What it answers is what
 * {@link Decider} would say, in two thirds of the time (bench/redis.ts).
 */
export class Spender {
  readonly #around: Surroundings;
  readonly #takers: Takers;
  readonly #entry = new Entry();

  constructor(around: Surroundings, takers: Takers) {
    this.#around = around;
    this.#takers = takers;
  }

  /** Spends a claim's cost. Undefined where there is more to it, and then nothing is done. */
  spend(claim: Claim): Verdict | undefined {
    if (claim.limit.algorithm !== "fixed-window") return undefined;
    const { leases } = this.#around;
    const { table } = leases;
    const entry = this.#entry;
    entry.become(claim, leases, this.#takers);
    const { set, low, high } = entry.place;
    table.lock(set);
    try {
      entry.slot = table.find(set, low, high);
      return entry.slot === NO_SLOT ? undefined : this.#spend(entry);
    } finally {
      table.unlock(set);
    }
  }

  #spend(entry: Entry): Verdict | undefined {
    const { clock, leadMs, leases } = this.#around;
    const { limit, cost, slot } = entry;
    const { cells } = leases.table;
    const at = cellsOf(slot);
    const left = leftOf(cells, at);
    const used = chargedOf(cells, at) - left + cost;
    if (left < cost || left === 0 || used > limit.quota || limit.quota < quotaOf(cells, at)) return undefined;
    if (!isKnown(cells, at)) return undefined;

    const now = clock();
    const aheadMs = leadMs(ageOf(cells, at, now));
    const openMs = fixedWindow.resetMs(cells, at, limit, centreTime(cells, at, now) + aheadMs);
    if (openMs <= 0 || openMs > limit.windowMs) return undefined;

    spend(cells, at, cost);
    entry.cells = cells;
    entry.at = at;
    entry.now = now;
    this.#takers.of(entry).refill(limit, left - cost, now);
    const resetMs = openMs + aheadMs;
    leases.table.touch(slot, now + resetMs);
    const remaining = limit.capacity - used;
    return { limit, admitted: true, used, remaining, resetMs, retryAfterMs: 0, ticket: ticketOf(cells, at) };
  }
}

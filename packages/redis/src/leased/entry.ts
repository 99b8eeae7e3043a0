import {
  type Algorithm,
  type Cells,
  type Claim,
  defineLimit,
  fixedWindow,
  type Limit,
  NOT_CHARGED,
  type Verdict,
} from "@headgate/core";
import { NO_SLOT } from "@headgate/core/memory";
import { algorithmOf, discount, LEASE_CELLS, leftOf, quotaOf, spend, ticketOf } from "./lease.ts";
import type { LeaseTable, Place } from "./lease-table.ts";
import type { Taker } from "./taker.ts";
import type { Takers } from "./takers.ts";

const NO_LIMIT = defineLimit({ name: "none", quota: 1, windowMs: 1 });

/** One claim of the request at hand, where its lease is, and what it has been given beside that. */
export class Entry {
  limit: Limit = NO_LIMIT;
  partition = "";
  cost = 0;
  algorithm: Algorithm = fixedWindow;
  place: Place = { set: 0, low: 0, high: 0 };
  slot: number = NO_SLOT;
  cells: Cells;
  at = 0;
  now = 0;
  /** The centre's clock, as far as this lease goes by it. */
  time = 0;
  /** How far that may be ahead of the true one. */
  leadMs = 0;
  waitMs = 0;
  ticket: number = NOT_CHARGED;
  /** Whether anything is known of the counter, whether the claim has all it needs here, and the units it lacks. */
  isKnown = false;
  isSupplied = false;
  lacking = 0;
  /** Whether the centre has to be asked, and the units to take. */
  asks = false;
  asked = 0;
  /** Units that were taken for this claim and nobody else's, and the window they belong to. */
  held = 0;
  heldTicket: number = NOT_CHARGED;
  taker: Taker | undefined;
  /** The lease of a counter that has no slot. */
  readonly blank: Cells = new Float64Array(LEASE_CELLS);

  constructor() {
    this.cells = this.blank;
  }

  /** Makes this the entry of a claim. A counter that was met of late is not hashed again. */
  become({ limit, partition, cost }: Claim, leases: LeaseTable, takers: Takers): void {
    this.cost = cost;
    this.held = 0;
    this.ticket = NOT_CHARGED;
    if (this.partition === partition && this.limit === limit) return;
    this.partition = partition;
    this.limit = limit;
    this.algorithm = algorithmOf(limit);
    this.taker = takers.find(limit, partition);
    this.place = this.taker ? this.taker.place : leases.placeOf(limit, partition);
  }

  /** Takes what the centre has given for this claim alone. */
  hold(units: number, ticket: number): void {
    this.held += units;
    this.heldTicket = ticket;
  }

  /**
   * Works out what the claim has, and ms until it is admitted, as far as is known here: all that is leased is used, but
   * for what is left here. That is 0 too where units have to be taken first.
   */
  assess(): void {
    const { limit, cost, held, cells, at } = this;
    const left = leftOf(cells, at);
    this.lacking = Math.max(0, cost - held - (limit.quota >= quotaOf(cells, at) ? left : 0));
    this.isSupplied = this.lacking === 0 && (this.isKnown || held > 0);
    this.waitMs = this.#wait(held + left);
  }

  #wait(ownUnits: number): number {
    const { limit, cost, held, cells, at } = this;
    if (cost > limit.quota) return Number.POSITIVE_INFINITY;
    if (held === cost && cost > 0) return 0;
    discount(cells, at, ownUnits);
    const waitMs = this.algorithm.wait(cells, at, limit, cost, this.time);
    discount(cells, at, -ownUnits);
    return waitMs === 0 ? 0 : waitMs + this.leadMs;
  }

  /** Spends the claim's cost of what is at hand. */
  spend(): void {
    const { cells, at, cost, held } = this;
    this.ticket = held > 0 ? this.heldTicket : ticketOf(cells, at);
    this.held = 0;
    spend(cells, at, cost - held);
  }

  /** What the limit says now. */
  verdict(retryAfterMs: number = this.waitMs): Verdict {
    const { limit, cells, at, algorithm, time, waitMs, ticket } = this;
    const left = leftOf(cells, at);
    discount(cells, at, left);
    const used = algorithm.used(cells, at, limit, time);
    const resetMs = algorithm.resetMs(cells, at, limit, time) + this.leadMs;
    discount(cells, at, -left);
    return { limit, admitted: waitMs === 0, used, remaining: limit.capacity - used, resetMs, retryAfterMs, ticket };
  }
}

import type { Store, Verdict } from "@headgate/core";
import { NO_SLOT, type Table } from "@headgate/core/memory";
import type { Entry } from "./entry.ts";
import { ageOf, leftOf, put, quotaOf, ticketOf, withdraw } from "./lease.ts";
import type { Request } from "./request.ts";
import type { Takers } from "./takers.ts";

/** Answers a request whose leases are locked and up to date; or does not, and says by `asks` what has to be asked first. */
export type Answer = (request: Request, isLastRound: boolean) => readonly Verdict[] | undefined;

/** How old may be what is shown and not asked for. */
const SHOWN_MS = 100;
/** What a request is told to wait that others have always been quicker than. */
const SOON_MS = 1;

/** Decides requests from what is leased and known here. Everything is called while the request's leases are locked. */
export class Decider {
  readonly #takers: Takers;
  readonly #table: Table;

  constructor(takers: Takers, table: Table) {
    this.#takers = takers;
    this.#table = table;
  }

  /** All or nothing: see {@link Store.consume}. */
  readonly decide: Answer = ({ entries, count }, isLastRound) => {
    let isDenied = false;
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as Entry;
      this.#assess(entry);
      if (entry.waitMs > 0 && !entry.limit.isShadow) isDenied = true;
    }
    let asks = false;
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as Entry;
      entry.asks = isDenied ? !entry.isKnown : entry.waitMs === 0 && !entry.isSupplied;
      entry.asked = isDenied ? 0 : entry.lacking;
      if (!entry.asks) continue;
      asks = true;
      if (!isLastRound) this.#handBack(entry);
    }
    if (asks && !isLastRound) return undefined;
    if (asks) isDenied = this.#giveWay(entries, count) || isDenied;

    const verdicts = new Array<Verdict>(count);
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as Entry;
      verdicts[i] = isDenied || entry.waitMs > 0 ? this.#refuse(entry) : this.#admit(entry);
    }
    return verdicts;
  };

  #assess(entry: Entry): void {
    entry.assess();
    if (entry.isSupplied || entry.waitMs === Number.POSITIVE_INFINITY || !entry.isKnown) return;
    entry.waitMs = Math.max(entry.waitMs, this.#takers.of(entry).pacedMs(entry.cost, entry.now));
  }

  /** Gives back what was taken under a larger quota, before more is asked for: it must not serve a smaller one. */
  #handBack(entry: Entry): void {
    const { limit, cells, at, time } = entry;
    const left = leftOf(cells, at);
    if (left === 0 || limit.quota >= quotaOf(cells, at)) return;
    withdraw(cells, at, limit, left, time);
    this.#takers.of(entry).surrender(left, ticketOf(cells, at));
  }

  /** Has what still asks wait. Returns whether that denies the request. */
  #giveWay(entries: readonly Entry[], count: number): boolean {
    let denies = false;
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as Entry;
      if (!entry.asks || entry.waitMs > 0) continue;
      entry.waitMs = SOON_MS;
      if (!entry.limit.isShadow) denies = true;
    }
    return denies;
  }

  #admit(entry: Entry): Verdict {
    this.#spend(entry);
    this.#takers.of(entry).refill(entry.limit, leftOf(entry.cells, entry.at), entry.now);
    return this.verdict(entry);
  }

  #refuse(entry: Entry): Verdict {
    const { limit, waitMs } = entry;
    if (limit.countRejected && waitMs !== Number.POSITIVE_INFINITY) {
      this.#spend(entry);
      entry.assess();
      const retryAfterMs = entry.waitMs;
      entry.waitMs = waitMs;
      return this.verdict(entry, retryAfterMs);
    }
    this.release(entry);
    if (waitMs > 0 && waitMs !== Number.POSITIVE_INFINITY) this.#takers.of(entry).look(limit, entry.lacking, entry.now);
    return this.verdict(entry);
  }

  #spend(entry: Entry): void {
    // Only a request that meets one counter twice can find that gone which it has just seen.
    if (entry.isSupplied && entry.cost <= entry.held + leftOf(entry.cells, entry.at)) entry.spend();
    else this.#owe(entry);
  }

  /** Charges what is not at hand. The centre hears of it with the next sum. */
  #owe(entry: Entry): void {
    this.release(entry);
    const { algorithm, cells, at, limit, cost, time } = entry;
    const opensWindow = algorithm.used(cells, at, limit, time) === 0;
    entry.ticket = algorithm.charge(cells, at, limit, cost, time);
    this.#takers.of(entry).owe(cost, entry.ticket, opensWindow);
  }

  /** Lets others have what was taken for a claim that is not admitted. */
  release(entry: Entry): void {
    const { held, heldTicket, cells, at, limit } = entry;
    if (held === 0) return;
    entry.held = 0;
    if (isOpen(entry, heldTicket)) put(cells, at, held, limit.quota);
    else this.#takers.of(entry).lapse(held, heldTicket);
  }

  /** Lets go of what was taken for a request that the centre has failed. */
  readonly abandon = ({ entries, count }: Request): void => {
    for (let i = 0; i < count; i++) this.release(entries[i] as Entry);
  };

  /** What {@link decide} would say, without charging. */
  readonly show: Answer = ({ entries, count }, isLastRound) => {
    const verdicts = new Array<Verdict>(count);
    let asks = false;
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as Entry;
      entry.assess();
      entry.asks = !entry.isKnown || ageOf(entry.cells, entry.at, entry.now) > SHOWN_MS;
      entry.asked = 0;
      if (entry.asks) asks = true;
      verdicts[i] = this.verdict(entry);
    }
    return asks && !isLastRound ? undefined : verdicts;
  };

  /** What an entry's limit says, and how long its lease is of use. */
  verdict(entry: Entry, retryAfterMs?: number): Verdict {
    const verdict = entry.verdict(retryAfterMs);
    if (entry.slot !== NO_SLOT) this.#table.touch(entry.slot, entry.now + verdict.resetMs);
    return verdict;
  }
}

/** Whether a lease is of a window that is not over. */
export function isOpen({ isKnown, algorithm, cells, at, limit, time }: Entry, ticket: number): boolean {
  return isKnown && ticketOf(cells, at) === ticket && algorithm.used(cells, at, limit, time) > 0;
}

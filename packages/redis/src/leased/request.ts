import type { Claim } from "@headgate/core";
import { cellsOf, NO_SLOT, type Table } from "@headgate/core/memory";
import { Entry } from "./entry.ts";
import type { LeaseTable } from "./lease-table.ts";
import type { Takers } from "./takers.ts";

/** Most claims that stores take. */
const MOST_SETS = 64;

/** The claims of one request, and the sets of the table that they are about. */
export class Request {
  readonly entries: Entry[] = [];
  count = 0;
  /** Ascending and each once, so that two threads never wait for each other. */
  readonly #sets = new Int32Array(MOST_SETS);
  #setCount = 0;
  #lockedCount = 0;

  /** Makes this the request of these claims. */
  become(claims: readonly Claim[], leases: LeaseTable, takers: Takers): void {
    this.count = claims.length;
    this.#setCount = 0;
    for (let i = 0; i < claims.length; i++) {
      if (i === this.entries.length) this.entries.push(new Entry());
      const entry = this.entries[i] as Entry;
      entry.become(claims[i] as Claim, leases, takers);
      this.#willLock(entry.place.set);
    }
  }

  /** Locks the claims' sets, and finds their leases. Call {@link unlock} in any case. */
  lock(table: Table): void {
    for (; this.#lockedCount < this.#setCount; this.#lockedCount++) table.lock(this.#sets[this.#lockedCount] as number);
    for (let i = 0; i < this.count; i++) {
      const entry = this.entries[i] as Entry;
      entry.slot = table.find(entry.place.set, entry.place.low, entry.place.high);
      if (entry.slot === NO_SLOT) {
        entry.blank.fill(0);
        entry.cells = entry.blank;
        entry.at = 0;
      } else {
        entry.cells = table.cells;
        entry.at = cellsOf(entry.slot);
      }
    }
  }

  unlock(table: Table): void {
    while (this.#lockedCount > 0) table.unlock(this.#sets[--this.#lockedCount] as number);
  }

  /** Sorts a set in among those to lock. There are a handful, so inserting beats sorting. */
  #willLock(set: number): void {
    const sets = this.#sets;
    let place = this.#setCount;
    while (place > 0 && (sets[place - 1] as number) > set) place--;
    if (place > 0 && sets[place - 1] === set) return;
    for (let i = this.#setCount; i > place; i--) sets[i] = sets[i - 1] as number;
    sets[place] = set;
    this.#setCount++;
  }
}

import type { Awaitable, Charge, Claim, Store, Verdict } from "@headgate/core";
import { checkClaims } from "../check-claims.ts";
import { Both } from "./both.ts";
import type { Centre } from "./centre.ts";
import { isLeasable } from "./lease.ts";
import { LeaseTable, type LeaseTableOptions } from "./lease-table.ts";
import { Leases } from "./leases.ts";

export interface LeasedStoreOptions {
  /** Where all processes' counters are. */
  readonly centre: Centre;
  /** For the limits that cannot be leased, over the same Redis. */
  readonly exact: Store;
  /** Ms, whole ones, of a clock that is never set and that all threads of the process share, as `process.hrtime` is. */
  readonly clock: () => number;
  /** Runs something every so many ms until what it returns is called. */
  readonly every: (intervalMs: number, run: () => void) => () => void;
  /** How many processes share the quotas, this one among them. */
  readonly processes: () => number;
  /** The memory of a store in another thread of this process, to share its leases; or how large to make a new one. */
  readonly memory?: SharedArrayBuffer | LeaseTableOptions;
  /** The number of this thread, from 1; no two that share the memory have the same. */
  readonly owner?: number;
  /** `caller`: it is as late as callers say, for the centre too. For tests. Default `server`. */
  readonly time?: "server" | "caller";
}

const SWEEP_MS = 20;

/** By how much the centre's clock may be ahead: 2 ms that were not whole, and a thousandth, for clocks that drift. */
function leadOf(ageMs: number): number {
  return 2 + Math.ceil(ageMs / 1_000);
}

/**
 * Counters in a centre, spent from leases: a process takes a chunk of what remains, decides in memory while that lasts,
 * and takes the next before it is gone. So it answers at the speed of memory and without a promise, most of the time.
 * Never is more admitted than the quota: what is leased is charged. The price is that a part of it may be held where
 * nobody comes, until that is given back.
 *
 * Token buckets and concurrency limits are asked of `exact`, call by call.
 */
export class LeasedStore implements Store {
  readonly memory: SharedArrayBuffer;
  readonly #table: LeaseTable;
  readonly #leases: Leases;
  readonly #exact: Store;
  readonly #centre: Centre;
  readonly #stopSweeping: () => void;
  /** Epoch ms as the last caller told them. */
  #epoch = 0;

  constructor(options: LeasedStoreOptions) {
    const { centre, exact, processes, every, clock, time = "server", memory = {}, owner = 1 } = options;
    const epoch = () => this.#epoch;
    this.#table = new LeaseTable(memory, owner);
    this.memory = this.#table.memory;
    this.#leases = new Leases({
      centre,
      leases: this.#table,
      epoch,
      processes,
      ...(time === "caller" ? { clock: epoch, leadMs: () => 0 } : { clock, leadMs: leadOf }),
    });
    this.#exact = exact;
    this.#centre = centre;
    this.#stopSweeping = every(SWEEP_MS, () => this.#leases.takers.sweep());
  }

  consume(claims: readonly Claim[], now: number): Awaitable<readonly Verdict[]> {
    this.#begin(claims, now);
    return allLeasable(claims) ? this.#leases.consume(claims) : this.#apart(claims).consume(now);
  }

  peek(claims: readonly Claim[], now: number): Awaitable<readonly Verdict[]> {
    this.#begin(claims, now);
    return allLeasable(claims) ? this.#leases.peek(claims) : this.#apart(claims).peek(now);
  }

  charge(claims: readonly Claim[], now: number): Awaitable<readonly Verdict[]> {
    this.#begin(claims, now);
    return allLeasable(claims) ? this.#leases.charge(claims) : this.#apart(claims).charge(now);
  }

  refund(charges: readonly Charge[], now: number): Awaitable<readonly Verdict[]> {
    const claims = charges.map(({ claim }) => claim);
    this.#begin(claims, now);
    if (allLeasable(claims)) return this.#leases.refund(charges);
    return this.#apart(claims).refund(charges, now);
  }

  /** Forgets what these partitions have used. What other processes have leased of it by now may still be spent. */
  async reset(claims: readonly Claim[]): Promise<void> {
    const leased = claims.filter(({ limit }) => isLeasable(limit));
    const others = claims.filter(({ limit }) => !isLeasable(limit));
    await Promise.all([this.#centre.forget(leased), this.#exact.reset(others)]);
    this.#leases.forget(leased);
  }

  /** Frees what thread `dead` had locked: see {@link LeaseTable.recover}. */
  recover(dead: number): void {
    this.#table.recover(dead);
  }

  /** Gives back all that is leased. */
  async close(): Promise<void> {
    this.#stopSweeping();
    await Promise.allSettled(this.#leases.takers.giveUp());
  }

  #begin(claims: readonly Claim[], now: number): void {
    checkClaims(claims, now);
    this.#epoch = now;
  }

  #apart(claims: readonly Claim[]): Both {
    return new Both(this.#leases, this.#exact, claims);
  }
}

function allLeasable(claims: readonly Claim[]): boolean {
  for (let i = 0; i < claims.length; i++) if (!isLeasable((claims[i] as Claim).limit)) return false;
  return true;
}

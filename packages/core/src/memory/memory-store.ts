import type { Algorithm } from "../algorithm.ts";
import { HeadgateError } from "../errors.ts";
import type { AlgorithmName } from "../limit.ts";
import { type Charge, type Claim, NOT_CHARGED, type SyncStore, type Verdict } from "../store.ts";
import { algorithmsOf } from "./algorithms.ts";
import { Entry } from "./entry.ts";
import type { Holders } from "./holders.ts";
import { type MemoryStoreOptions, openMemory } from "./memory.ts";
import type { PartitionHash } from "./partition-hash.ts";
import { cellsOf, NO_SLOT, type Table } from "./table.ts";

/** Most limits that one request can meet. */
const MAX_CLAIMS = 64;

/**
 * Counters in one SharedArrayBuffer: no object, no map entry and no timer per caller, and bounded by design. Give
 * `store.memory` to another thread and make a store from it there: both then enforce the same counts.
 */
export class MemoryStore implements SyncStore {
  readonly memory: SharedArrayBuffer;
  readonly #table: Table;
  readonly #holders: Holders;
  readonly #hash: PartitionHash;
  readonly #algorithms: Record<AlgorithmName, Algorithm>;

  // The request at hand, one entry a claim, so that a decision allocates nothing but its verdicts.
  readonly #entries: Entry[] = Array.from({ length: MAX_CLAIMS }, () => new Entry());
  #count = 0;
  /** The locked sets, ascending and each once, so that two threads never wait for each other. */
  readonly #locked = new Int32Array(MAX_CLAIMS);
  #lockedCount = 0;

  constructor(source: SharedArrayBuffer | MemoryStoreOptions = {}) {
    const layout = openMemory(source);
    this.memory = layout.memory;
    this.#table = layout.table;
    this.#holders = layout.holders;
    this.#hash = layout.hash;
    this.#algorithms = algorithmsOf(layout.holders);
  }

  consume(claims: readonly Claim[], now: number): readonly Verdict[] {
    return this.#run(claims, now, this.#decide);
  }

  peek(claims: readonly Claim[], now: number): readonly Verdict[] {
    return this.#run(claims, now, () => claims.map((_, i) => this.#verdict(this.#entries[i] as Entry, now)));
  }

  charge(claims: readonly Claim[], now: number): readonly Verdict[] {
    return this.#run(claims, now, () =>
      claims.map((_, i) => {
        const entry = this.#entries[i] as Entry;
        entry.waitMs = 0;
        this.#charge(entry, now);
        return this.#verdict(entry, now);
      }),
    );
  }

  refund(charges: readonly Charge[], now: number): readonly Verdict[] {
    const claims = charges.map(({ claim }) => claim);
    return this.#run(claims, now, () =>
      charges.map(({ claim, ticket }, i) => {
        const entry = this.#entries[i] as Entry;
        entry.waitMs = 0;
        if (ticket !== NOT_CHARGED && entry.slot !== NO_SLOT) {
          entry.algorithm.refund(entry.cells, entry.at, claim.limit, claim.cost, ticket, now);
        }
        return this.#verdict(entry, now);
      }),
    );
  }

  reset(claims: readonly Claim[]): void {
    this.#run(claims, 0, () => {
      for (let i = 0; i < this.#count; i++) {
        const { slot } = this.#entries[i] as Entry;
        if (slot === NO_SLOT) continue;
        this.#emptyHolders(slot);
        this.#table.clear(slot);
      }
    });
  }

  /** Does the work while the sets that the claims are about are locked, each claim's state found and up to date. */
  #run<Result>(claims: readonly Claim[], now: number, work: (now: number) => Result): Result {
    this.#locate(claims, now);
    for (let i = 0; i < this.#lockedCount; i++) this.#table.lock(this.#locked[i] as number);
    try {
      this.#advance(now);
      return work(now);
    } finally {
      for (let i = 0; i < this.#lockedCount; i++) this.#table.unlock(this.#locked[i] as number);
    }
  }

  readonly #decide = (now: number): readonly Verdict[] => {
    let allowed = true;
    for (let i = 0; i < this.#count; i++) {
      const entry = this.#entries[i] as Entry;
      if (entry.waitMs > 0 && !entry.limit.isShadow) allowed = false;
    }
    const verdicts = new Array<Verdict>(this.#count);
    for (let i = 0; i < this.#count; i++) {
      const entry = this.#entries[i] as Entry;
      const { algorithm, limit, cost, waitMs } = entry;
      if (allowed && waitMs === 0) {
        this.#charge(entry, now);
        verdicts[i] = this.#verdict(entry, now);
      } else if (limit.countRejected && waitMs !== Number.POSITIVE_INFINITY) {
        // What can never be admitted is not counted: one such request would shut everyone out for ever.
        this.#charge(entry, now);
        // That has moved the time at which the next one is admitted, even where this limit admits.
        verdicts[i] = this.#verdict(entry, now, algorithm.wait(entry.cells, entry.at, limit, cost, now));
      } else {
        verdicts[i] = this.#verdict(entry, now);
      }
    }
    return verdicts;
  };

  /** Works out which sets the claims are about. */
  #locate(claims: readonly Claim[], now: number): void {
    const count = claims.length;
    if (count > MAX_CLAIMS) {
      throw new HeadgateError("HG_TOO_MANY_LIMITS", `one request met ${count} limits; at most ${MAX_CLAIMS} can apply`);
    }
    if (!Number.isSafeInteger(now)) throw invalid(`the time must be whole ms since the epoch, not ${now}`);
    this.#count = count;
    this.#lockedCount = 0;
    for (let i = 0; i < count; i++) {
      const entry = this.#entries[i] as Entry;
      const { limit, partition, cost } = claims[i] as Claim;
      if (!Number.isSafeInteger(cost) || cost < 0) {
        throw invalid(`limit "${limit.name}": a cost is a whole number from 0 on, not ${cost}`);
      }
      // The same caller often comes twice in a row: about 30 ns less for not hashing it again (bench/decision.ts).
      if (entry.partition !== partition || entry.limit !== limit) {
        entry.partition = partition;
        entry.limit = limit;
        this.#hash.digest(partition, limit.counterId);
        entry.low = this.#hash.low;
        entry.high = this.#hash.high;
        entry.set = this.#table.setOf(entry.low);
      }
      entry.algorithm = this.#algorithms[limit.algorithm];
      entry.cost = cost;
      this.#willLock(entry.set);
    }
  }

  /** Finds the claims' states, brings them up to date, and asks how long each claim would have to wait. */
  #advance(now: number): void {
    for (let i = 0; i < this.#count; i++) {
      const entry = this.#entries[i] as Entry;
      const { limit, cost, algorithm } = entry;
      entry.slot = this.#table.find(entry.set, entry.low, entry.high);
      if (entry.slot === NO_SLOT) {
        entry.blank.fill(0);
        entry.cells = entry.blank;
        entry.at = 0;
      } else {
        entry.cells = this.#table.cells;
        entry.at = cellsOf(entry.slot);
      }
      entry.ticket = NOT_CHARGED;
      algorithm.advance(entry.cells, entry.at, limit, now);
      entry.waitMs = algorithm.wait(entry.cells, entry.at, limit, cost, now);
    }
  }

  /** Sorts a set in among those to lock. There are a handful, so inserting beats sorting. */
  #willLock(set: number): void {
    const locked = this.#locked;
    let place = this.#lockedCount;
    while (place > 0 && (locked[place - 1] as number) > set) place--;
    if (place > 0 && locked[place - 1] === set) return;
    for (let i = this.#lockedCount; i > place; i--) locked[i] = locked[i - 1] as number;
    locked[place] = set;
    this.#lockedCount++;
  }

  #charge(entry: Entry, now: number): void {
    const { limit, cost } = entry;
    if (entry.slot === NO_SLOT) this.#giveSlot(entry, now);
    entry.ticket = entry.algorithm.charge(entry.cells, entry.at, limit, cost, now);
  }

  #giveSlot(entry: Entry, now: number): void {
    const slot = this.#table.victim(entry.set, now, this.#isInUse);
    if (slot === NO_SLOT) return;
    this.#emptyHolders(slot);
    this.#table.assign(slot, entry.low, entry.high, entry.limit.algorithm === "concurrency");
    entry.slot = slot;
    entry.cells = this.#table.cells;
    entry.at = cellsOf(slot);
    entry.algorithm.advance(entry.cells, entry.at, entry.limit, now);
  }

  /** Whether the request at hand uses a slot: it must not lose one limit's state to another's. */
  readonly #isInUse = (slot: number): boolean => {
    for (let i = 0; i < this.#count; i++) if ((this.#entries[i] as Entry).slot === slot) return true;
    return false;
  };

  #emptyHolders(slot: number): void {
    if (this.#table.hasHolders(slot)) this.#holders.clear(this.#table.cells, cellsOf(slot));
  }

  #verdict(entry: Entry, now: number, retryAfterMs = entry.waitMs): Verdict {
    const { limit, cells, at, algorithm, slot, ticket, waitMs } = entry;
    const used = algorithm.used(cells, at, limit, now);
    const resetMs = algorithm.resetMs(cells, at, limit, now);
    if (slot !== NO_SLOT) this.#table.touch(slot, now + resetMs);
    return {
      limit,
      admitted: waitMs === 0,
      used,
      remaining: limit.capacity - used,
      resetMs,
      retryAfterMs,
      ticket,
    };
  }
}

function invalid(message: string): HeadgateError {
  return new HeadgateError("HG_CLAIM_INVALID", message);
}

import { type Algorithm, type Cells, cell } from "../algorithm.ts";
import { concurrency } from "../algorithms/concurrency.ts";
import { fixedWindow } from "../algorithms/fixed-window.ts";
import { slidingWindow } from "../algorithms/sliding-window.ts";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { HeadgateError } from "../errors.ts";
import type { AlgorithmName } from "../limit.ts";
import { type Charge, type Claim, NOT_CHARGED, type SyncStore, type Verdict } from "../store.ts";
import type { Holders } from "./holders.ts";
import { type MemoryLayout, openMemory } from "./memory.ts";
import { NO_SLOT, type Table } from "./table.ts";

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
  readonly #hash: MemoryLayout["hash"];
  readonly #algorithms: Record<AlgorithmName, Algorithm>;

  // The request at hand, one entry a claim, so that a decision allocates nothing but its verdicts.
  #count = 0;
  readonly #lows = new Int32Array(MAX_CLAIMS);
  readonly #highs = new Int32Array(MAX_CLAIMS);
  readonly #sets = new Int32Array(MAX_CLAIMS);
  readonly #slots = new Int32Array(MAX_CLAIMS);
  readonly #waits = new Float64Array(MAX_CLAIMS);
  /** The state of claims whose partition has no slot. They get one only when they are charged. */
  readonly #blanks: Cells = new Float64Array(MAX_CLAIMS * 3);
  /** The locked sets, ascending and each once, so that two threads never wait for each other. */
  readonly #locked = new Int32Array(MAX_CLAIMS);
  #lockedCount = 0;

  constructor(source: SharedArrayBuffer | MemoryStoreOptions = {}) {
    const layout = openMemory(source);
    this.memory = layout.memory;
    this.#table = layout.table;
    this.#holders = layout.holders;
    this.#hash = layout.hash;
    this.#algorithms = {
      "fixed-window": fixedWindow,
      "sliding-window": slidingWindow,
      "token-bucket": tokenBucket,
      concurrency: concurrency(layout.holders),
    };
  }

  consume(claims: readonly Claim[], now: number): readonly Verdict[] {
    this.#lockAndFind(claims);
    let allowed = true;
    for (let i = 0; i < claims.length; i++) {
      const claim = claims[i] as Claim;
      const wait = this.#advance(i, claim, now);
      this.#waits[i] = wait;
      if (wait > 0 && !claim.limit.isShadow) allowed = false;
    }
    const verdicts = claims.map((claim, i) => {
      const wait = cell(this.#waits, i);
      const isCharged = claim.limit.countRejected || (allowed && wait === 0);
      return this.#verdict(i, claim, wait, isCharged ? this.#charge(i, claim, now) : NOT_CHARGED, now);
    });
    this.#unlock();
    return verdicts;
  }

  peek(claims: readonly Claim[], now: number): readonly Verdict[] {
    this.#lockAndFind(claims);
    const verdicts = claims.map((claim, i) => this.#verdict(i, claim, this.#advance(i, claim, now), NOT_CHARGED, now));
    this.#unlock();
    return verdicts;
  }

  charge(claims: readonly Claim[], now: number): readonly Verdict[] {
    this.#lockAndFind(claims);
    const verdicts = claims.map((claim, i) => {
      this.#advance(i, claim, now);
      return this.#verdict(i, claim, 0, this.#charge(i, claim, now), now);
    });
    this.#unlock();
    return verdicts;
  }

  refund(charges: readonly Charge[], now: number): readonly Verdict[] {
    this.#lockAndFind(charges.map(({ claim }) => claim));
    const verdicts = charges.map(({ claim, ticket }, i) => {
      this.#advance(i, claim, now);
      if (ticket !== NOT_CHARGED && this.#slots[i] !== NO_SLOT) {
        const { limit, cost } = claim;
        this.#algorithms[limit.algorithm].refund(this.#table.cells, this.#at(i), limit, cost, ticket, now);
      }
      return this.#verdict(i, claim, 0, NOT_CHARGED, now);
    });
    this.#unlock();
    return verdicts;
  }

  reset(claims: readonly Claim[]): void {
    this.#lockAndFind(claims);
    for (let i = 0; i < claims.length; i++) {
      const slot = this.#slots[i] as number;
      if (slot === NO_SLOT) continue;
      this.#evict(slot);
      this.#table.clear(slot);
    }
    this.#unlock();
  }

  #lockAndFind(claims: readonly Claim[]): void {
    const count = claims.length;
    if (count > MAX_CLAIMS) {
      throw new HeadgateError("HG_TOO_MANY_LIMITS", `one request met ${count} limits; at most ${MAX_CLAIMS} can apply`);
    }
    this.#count = count;
    this.#lockedCount = 0;
    for (let i = 0; i < count; i++) {
      const { partition, limit } = claims[i] as Claim;
      this.#hash.digest(partition, limit.counterId);
      this.#lows[i] = this.#hash.low;
      this.#highs[i] = this.#hash.high;
      const set = this.#table.setOf(this.#hash.low);
      this.#sets[i] = set;
      this.#willLock(set);
    }
    for (let i = 0; i < this.#lockedCount; i++) this.#table.lock(this.#locked[i] as number);
    for (let i = 0; i < count; i++) {
      this.#slots[i] = this.#table.find(this.#sets[i] as number, this.#lows[i] as number, this.#highs[i] as number);
      if (this.#slots[i] === NO_SLOT) this.#blanks.fill(0, i * 3, i * 3 + 3);
    }
  }

  /** Sorts a set in among those to lock. There are a handful, so inserting beats sorting. */
  #willLock(set: number): void {
    const locked = this.#locked;
    let place = this.#lockedCount;
    while (place > 0 && (locked[place - 1] as number) > set) place--;
    if (place > 0 && locked[place - 1] === set) return;
    locked.copyWithin(place + 1, place, this.#lockedCount);
    locked[place] = set;
    this.#lockedCount++;
  }

  #unlock(): void {
    for (let i = 0; i < this.#lockedCount; i++) this.#table.unlock(this.#locked[i] as number);
  }

  #cells(i: number): Cells {
    return this.#slots[i] === NO_SLOT ? this.#blanks : this.#table.cells;
  }

  #at(i: number): number {
    const slot = this.#slots[i] as number;
    return slot === NO_SLOT ? i * 3 : this.#table.cellsOf(slot);
  }

  /** Brings a claim's state up to date, and returns how long the claim would have to wait. */
  #advance(i: number, { limit, cost }: Claim, now: number): number {
    const algorithm = this.#algorithms[limit.algorithm];
    const cells = this.#cells(i);
    const at = this.#at(i);
    algorithm.advance(cells, at, limit, now);
    return algorithm.wait(cells, at, limit, cost, now);
  }

  #charge(i: number, { limit, cost }: Claim, now: number): number {
    const algorithm = this.#algorithms[limit.algorithm];
    if (this.#slots[i] === NO_SLOT) {
      this.#giveSlot(i, limit.algorithm === "concurrency", now);
      algorithm.advance(this.#cells(i), this.#at(i), limit, now);
    }
    return algorithm.charge(this.#cells(i), this.#at(i), limit, cost, now);
  }

  #giveSlot(i: number, hasHolders: boolean, now: number): void {
    const slot = this.#table.victim(this.#sets[i] as number, now, this.#slots, this.#count);
    if (slot === NO_SLOT) return;
    this.#evict(slot);
    this.#table.assign(slot, this.#lows[i] as number, this.#highs[i] as number, hasHolders);
    this.#slots[i] = slot;
  }

  #evict(slot: number): void {
    if (this.#table.hasHolders(slot)) this.#holders.clear(this.#table.cells, this.#table.cellsOf(slot));
  }

  #verdict(i: number, claim: Claim, wait: number, ticket: number, now: number): Verdict {
    const { limit, cost } = claim;
    const algorithm = this.#algorithms[limit.algorithm];
    const cells = this.#cells(i);
    const at = this.#at(i);
    const used = algorithm.used(cells, at, limit, now);
    const resetMs = algorithm.resetMs(cells, at, limit, now);
    const slot = this.#slots[i] as number;
    if (slot !== NO_SLOT) this.#table.touch(slot, now + resetMs);
    return {
      limit,
      admitted: wait === 0,
      used,
      remaining: limit.capacity - used,
      resetMs,
      // A charge for a rejected request may have moved the time at which the next one is admitted.
      retryAfterMs: wait > 0 && ticket !== NOT_CHARGED ? algorithm.wait(cells, at, limit, cost, now) : wait,
      ticket,
    };
  }
}

/** How large to make a new store. */
export interface MemoryStoreOptions {
  /** Partitions to have room for; when more are live at once, those used least are forgotten. Default 1 000 000. */
  readonly maxPartitions?: number;
  /** Requests that concurrency limits can hold in flight at once, all limits together. Default 65 536. */
  readonly maxHolders?: number;
}

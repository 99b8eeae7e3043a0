import type { Algorithm } from "../algorithm.ts";
import { HeadgateError } from "../errors.ts";
import type { AlgorithmName, Limit } from "../limit.ts";
import {
  type Asked,
  type Charge,
  type Claim,
  NOT_CHARGED,
  type StandingClaims,
  type SyncStore,
  type Verdict,
  WORDS_PER_CLAIM,
} from "../store.ts";
import { algorithmsOf } from "./algorithms.ts";
import { Entry } from "./entry.ts";
import type { Holders } from "./holders.ts";
import { MAIN_THREAD, type MemoryStoreOptions, openMemory } from "./memory.ts";
import type { PartitionHash } from "./partition-hash.ts";
import { ALONE, cellsOf, NO_SLOT, type Table } from "./table.ts";

/** Most limits that one request can meet. */
const MAX_CLAIMS = 64;

/**
 * Counters in one SharedArrayBuffer: no object, no map entry and no timer per caller, and bounded by design. Give
 * `store.memory` to another thread and make a store from it there: both then enforce the same counts.
 *
 * Whoever starts threads that share a memory gives each a number, from 1, to open its store under. When one has died,
 * whatever it was at, call {@link recover} with its number; then another may be started under it.
 */
export class MemoryStore implements SyncStore {
  readonly memory: SharedArrayBuffer;
  /** The number of the thread that this store is in; -1 for the one that starts the others. */
  readonly owner: number;
  readonly #table: Table;
  readonly #holders: Holders;
  readonly #hash: PartitionHash;
  readonly #algorithms: Record<AlgorithmName, Algorithm>;

  // One entry a claim, so that a decision allocates nothing but its verdicts.
  readonly #ownEntries: readonly Entry[] = Array.from({ length: MAX_CLAIMS }, () => new Entry());
  /** Of the request at hand, the first `#count`: the store's own, or those of standing claims. */
  #entries = this.#ownEntries;
  #count = 0;
  /** The locked sets, ascending and each once, so that two threads never wait for each other. */
  readonly #locked = new Int32Array(MAX_CLAIMS);
  #lockedCount = 0;

  constructor(source: SharedArrayBuffer | MemoryStoreOptions = {}, owner: number = MAIN_THREAD) {
    const layout = openMemory(source, owner);
    this.owner = owner;
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

  standing(asked: readonly Asked[]): StandingClaims {
    const entries = asked.map(({ limit, cost }) => this.#standingEntry(limit, cost));
    const verdicts = entries.map(({ verdict }) => verdict as Verdict);
    return {
      locate: (partitions, places, at) => {
        for (const [i, { limit }] of asked.entries()) {
          this.#hash.digest(partitions[i] as string, limit.counterId);
          places[at + i * WORDS_PER_CLAIM] = this.#hash.low;
          places[at + i * WORDS_PER_CLAIM + 1] = this.#hash.high;
        }
      },
      approach: (places, at) => {
        for (let i = 0; i < entries.length; i++) this.#table.approach(places[at + i * WORDS_PER_CLAIM] as number);
      },
      consume: (places, at, now) => {
        this.#begin(entries, entries.length, now);
        for (let i = 0; i < entries.length; i++) {
          const place = at + i * WORDS_PER_CLAIM;
          const entry = entries[i] as Entry;
          entry.low = places[place] as number;
          entry.high = places[place + 1] as number;
          this.#aim(entry);
        }
        this.#underLock(now, this.#decide);
        return verdicts;
      },
    };
  }

  /**
   * Frees what thread `dead` had locked, and mends what it left half written: once for each death, when the thread has
   * ended and before another has its number. The rest may go on deciding. A request that was being decided may be charged
   * for good, or to some of its limits only, or keep its places until their hold is over; nothing counts for less.
   */
  recover(dead: number): void {
    const { cells } = this.#table;
    this.#table.recover(dead, (slot) => {
      if (this.#table.hasHolders(slot)) this.#holders.mendList(cells, cellsOf(slot));
    });
    this.#holders.recover(dead);
  }

  /** Does the work while the sets that the claims are about are locked, each claim's state found and up to date. */
  #run<Result>(claims: readonly Claim[], now: number, work: (now: number) => Result): Result {
    this.#locate(claims, now);
    return this.#underLock(now, work);
  }

  /** The entry of a claim whose limit and cost stay as they are. */
  #standingEntry(limit: Limit, cost: number): Entry {
    const entry = new Entry();
    entry.limit = limit;
    entry.verdict = { limit, admitted: false, used: 0, remaining: 0, resetMs: 0, retryAfterMs: 0, ticket: NOT_CHARGED };
    this.#ask(entry, cost);
    return entry;
  }

  /** {@link #run}, where the sets are worked out already. */
  #underLock<Result>(now: number, work: (now: number) => Result): Result {
    let held = 0;
    try {
      for (; held < this.#lockedCount; held++) this.#table.lock(this.#locked[held] as number);
      this.#advance(now);
      return work(now);
    } finally {
      while (held > 0) this.#table.unlock(this.#locked[--held] as number);
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
    this.#begin(this.#ownEntries, claims.length, now);
    for (let i = 0; i < claims.length; i++) {
      const entry = this.#entries[i] as Entry;
      const { limit, partition, cost } = claims[i] as Claim;
      // The same caller often comes twice in a row: about 30 ns less for not hashing it again (bench/decision.ts).
      if (entry.partition !== partition || entry.limit !== limit) {
        entry.partition = partition;
        entry.limit = limit;
        this.#hash.digest(partition, limit.counterId);
        entry.low = this.#hash.low;
        entry.high = this.#hash.high;
      }
      this.#ask(entry, cost);
      this.#aim(entry);
    }
  }

  #begin(entries: readonly Entry[], count: number, now: number): void {
    if (count > MAX_CLAIMS) {
      throw new HeadgateError("HG_TOO_MANY_LIMITS", `one request met ${count} limits; at most ${MAX_CLAIMS} can apply`);
    }
    if (!Number.isSafeInteger(now)) throw invalid(`the time must be whole ms since the epoch, not ${now}`);
    this.#entries = entries;
    this.#count = count;
    this.#lockedCount = 0;
  }

  /** Takes up what is asked of the limit that the entry has. */
  #ask(entry: Entry, cost: number): void {
    if (!Number.isSafeInteger(cost) || cost < 0) {
      throw invalid(`limit "${entry.limit.name}": a cost is a whole number from 0 on, not ${cost}`);
    }
    entry.cost = cost;
    entry.algorithm = this.#algorithms[entry.limit.algorithm];
  }

  /** Works out the set of an entry whose hash is known. */
  #aim(entry: Entry): void {
    entry.set = this.#table.setOf(entry.low);
    if (this.owner !== ALONE) this.#willLock(entry.set);
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
    const { limit, cells, at, algorithm, slot } = entry;
    const used = algorithm.used(cells, at, limit, now);
    const resetMs = algorithm.resetMs(cells, at, limit, now);
    if (slot !== NO_SLOT) this.#table.touch(slot, now + resetMs);
    return entry.say(used, resetMs, retryAfterMs);
  }
}

function invalid(message: string): HeadgateError {
  return new HeadgateError("HG_CLAIM_INVALID", message);
}

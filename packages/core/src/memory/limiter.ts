import type { Algorithm } from "../algorithm.ts";
import type { Limit } from "../limit.ts";
import { NOT_CHARGED, type Verdict } from "../store.ts";
import { algorithmsOf } from "./algorithms.ts";
import { openMemory } from "./memory.ts";
import type { MemoryStore } from "./memory-store.ts";
import type { PartitionHash } from "./partition-hash.ts";
import { cellsOf, NO_SLOT, type Table } from "./table.ts";

/**
 * One limit over a memory store, for those who ask one limit at a time: what `store.consume` says, without allocating.
 * That saves a quarter of the time for a caller that comes often; among a million callers, memory is what one waits for
 * (bench/decision.ts).
 */
export class Limiter {
  readonly #limit: Limit;
  readonly #store: MemoryStore;
  readonly #table: Table;
  readonly #hash: PartitionHash;
  readonly #algorithm: Algorithm;
  /** The partition that `#hash` holds. The same caller often comes twice in a row. */
  #partition: string | undefined;
  readonly #verdict: { -readonly [Field in keyof Verdict]: Verdict[Field] };

  constructor(limit: Limit, store: MemoryStore) {
    const { table, hash, holders } = openMemory(store.memory, store.owner);
    this.#limit = limit;
    this.#store = store;
    this.#table = table;
    this.#hash = hash;
    this.#algorithm = algorithmsOf(holders)[limit.algorithm];
    this.#verdict = { limit, admitted: false, used: 0, remaining: 0, resetMs: 0, retryAfterMs: 0, ticket: NOT_CHARGED };
  }

  /** Charges `cost` units if the limit admits them. The verdict is this limiter's own: the next call writes over it. */
  take(partition: string, now: number, cost: number = 1): Readonly<Verdict> {
    const limit = this.#limit;
    const table = this.#table;
    const hash = this.#hash;
    if (partition !== this.#partition) {
      hash.digest(partition, limit.counterId);
      this.#partition = partition;
    }
    const set = table.setOf(hash.low);
    table.lock(set);
    const slot = table.find(set, hash.low, hash.high);
    if (slot === NO_SLOT || limit.countRejected || !isCountable(cost, now)) {
      table.unlock(set);
      return Object.assign(this.#verdict, this.#store.consume([{ limit, partition, cost }], now)[0]);
    }
    try {
      const { cells } = table;
      const at = cellsOf(slot);
      const algorithm = this.#algorithm;
      const verdict = this.#verdict;
      algorithm.advance(cells, at, limit, now);
      const waitMs = algorithm.wait(cells, at, limit, cost, now);
      verdict.admitted = waitMs === 0;
      verdict.retryAfterMs = waitMs;
      verdict.ticket = waitMs === 0 ? algorithm.charge(cells, at, limit, cost, now) : NOT_CHARGED;
      verdict.used = algorithm.used(cells, at, limit, now);
      verdict.remaining = limit.capacity - verdict.used;
      verdict.resetMs = algorithm.resetMs(cells, at, limit, now);
      table.touch(slot, now + verdict.resetMs);
      return verdict;
    } finally {
      table.unlock(set);
    }
  }
}

function isCountable(cost: number, now: number): boolean {
  return Number.isSafeInteger(cost) && cost >= 0 && Number.isSafeInteger(now);
}

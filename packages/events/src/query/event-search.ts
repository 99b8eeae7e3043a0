import type { EventRow, Storage } from "@headgate/storage";
import { conditionOf, type EventFilter, isSelective } from "./event-filter.ts";

export interface SearchRequest {
  readonly accountId: string;
  readonly filter: EventFilter;
  /** Which end to begin with. */
  readonly order: "asc" | "desc";
  /** The numbers looked at, both inclusive, from the one that `order` begins with. */
  readonly first: number;
  readonly last: number;
  /** Events to find, at most. */
  readonly limit: number;
}

export interface Found {
  readonly rows: readonly EventRow[];
  /** All numbers up to this one have been looked at, in the order asked for. */
  readonly at: number;
  /** Nothing is left to be looked at. */
  readonly isEnd: boolean;
}

/** Rows that one statement looks at, at most, so that none holds up the others. */
const STRIDE = 10_000;
/** And what one search looks at: it then says how far it has come, and is asked to go on. */
const MOST_STRIDES = 20;

/**
 * Finds events by going along an account's numbers. They have no gaps, so a range of numbers is an amount of work: however
 * rare the events are that are looked for, no search takes longer than its strides.
 */
export class EventSearch {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Rejects with `HG_STORAGE_…`. */
  async find(request: SearchRequest): Promise<Found> {
    const { filter, order, last, limit } = request;
    const step = order === "asc" ? 1 : -1;
    const isPast = (seq: number): boolean => (last - seq) * step < 0;
    // Where nothing is left out, `limit` rows are all there is to look at.
    const stride = isSelective(filter) ? STRIDE : limit;
    const rows: EventRow[] = [];
    let next = request.first;
    for (let strides = 0; strides < MOST_STRIDES && rows.length < limit && !isPast(next); strides++) {
      const reach = next + step * (stride - 1);
      const until = isPast(reach) ? last : reach;
      const found = await this.#rows(request, next, until, limit - rows.length);
      rows.push(...found);
      const isFull = rows.length === limit;
      next = (isFull ? (rows.at(-1) as EventRow).seq : until) + step;
    }
    return { rows, at: next - step, isEnd: isPast(next) };
  }

  /** One event; undefined where the account has none of that id. */
  async get(accountId: string, id: string): Promise<EventRow | undefined> {
    const query = this.#storage.build
      .selectFrom("events")
      .selectAll()
      .where("id", "=", id)
      .where("account_id", "=", accountId);
    const [row] = await this.#storage.read(query.compile());
    return row;
  }

  /** All events of these ids that the account has. */
  async getAll(accountId: string, ids: readonly string[]): Promise<EventRow[]> {
    if (ids.length === 0) return [];
    const query = this.#storage.build
      .selectFrom("events")
      .selectAll()
      .where("id", "in", [...ids])
      .where("account_id", "=", accountId);
    return this.#storage.read(query.compile());
  }

  #rows({ accountId, filter, order }: SearchRequest, first: number, last: number, limit: number): Promise<EventRow[]> {
    const query = this.#storage.build
      .selectFrom("events")
      .selectAll()
      .where("account_id", "=", accountId)
      .where("seq", ">=", Math.min(first, last))
      .where("seq", "<=", Math.max(first, last))
      .$if(isSelective(filter), (selecting) => selecting.where((builder) => conditionOf(filter, builder)))
      .orderBy("seq", order)
      .limit(limit);
    return this.#storage.read(query.compile());
  }
}

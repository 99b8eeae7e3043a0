import type { EventRow, Storage } from "@headgate/storage";
import { conditionOf, type EventFilter, isSelective } from "./event-filter.ts";
import { Turns } from "./turns.ts";

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

/** Rows that one statement looks at, at most, so that none holds up the others: 64 MB, where they are of the largest. */
const STRIDE = 2_000;
/** And what one search looks at: it then says how far it has come, and is asked to go on. */
const MOST_STRIDES = 100;

/**
 * Finds events by going along an account's numbers. They have no gaps, so a range of numbers is an amount of work: however
 * rare the events are that are looked for, no search takes longer than its strides. The searches of one account take turns,
 * stride by stride, so that however many there are, another account's read waits for one stride of it.
 */
export class EventSearch {
  readonly #storage: Storage;
  readonly #turns: Turns;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#turns = turnsAt(storage);
  }

  /** Rejects with `HG_STORAGE_…`. */
  async find(request: SearchRequest): Promise<Found> {
    const { filter, order, last, limit } = request;
    const step = order === "asc" ? 1 : -1;
    const isPast = (seq: number): boolean => (last - seq) * step < 0;
    // Where nothing is left out, `limit` rows are all there is to look at.
    const isSearch = isSelective(filter);
    const stride = isSearch ? STRIDE : limit;
    const rows: EventRow[] = [];
    let next = request.first;
    for (let strides = 0; strides < MOST_STRIDES && rows.length < limit && !isPast(next); strides++) {
      const reach = next + step * (stride - 1);
      const until = isPast(reach) ? last : reach;
      const look = (): Promise<EventRow[]> => this.#rows(request, next, until, limit - rows.length);
      const found = await (isSearch ? this.#turns.take(request.accountId, look) : look());
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

/** Whatever searches in a database shares them. */
const turns = new WeakMap<Storage, Turns>();

function turnsAt(storage: Storage): Turns {
  const known = turns.get(storage) ?? new Turns();
  turns.set(storage, known);
  return known;
}

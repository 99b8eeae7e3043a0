import { type EventRow, Prepared, type Storage } from "@headgate/storage";
import { hashAfter } from "./chain.ts";
import { NO_EVENTS } from "./head.ts";
import type { BrokenAt, Verdict } from "./verdict.ts";

/** What a chain must begin and end with, and the numbers that it does begin and end with. */
interface Ends {
  readonly seq: number | null;
  readonly hash: string | null;
  readonly pruned_seq: number | null;
  readonly pruned_hash: string | null;
  readonly first: number | null;
  readonly last: number | null;
}

interface PlaceInput {
  readonly account_id: string;
  readonly seq: number;
}

const EVENTS_AT_A_TIME = 1_000;

/** Goes through accounts' chains. Each is gone through by one walk at a time, which all who ask meanwhile share. */
export class Verification {
  readonly #storage: Storage;
  readonly #walks = new Map<string, Promise<Verdict>>();
  readonly #ends: Prepared<{ account_id: string }, Ends>;
  readonly #eventsAfter: Prepared<PlaceInput, EventRow>;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#ends = new Prepared(["account_id"], ({ account_id }) => endsQuery(storage, account_id));
    this.#eventsAfter = new Prepared(["account_id", "seq"], ({ account_id, seq }) =>
      storage.build
        .selectFrom("events")
        .selectAll()
        .where("account_id", "=", account_id)
        .where("seq", ">", seq)
        .orderBy("seq")
        .limit(EVENTS_AT_A_TIME),
    );
  }

  /**
   * Goes through an account's events from the first that is kept to the last that there was when the walk began. Events
   * that come meanwhile, and those that retention removes, do not matter to it. Rejects with `HG_STORAGE_…`.
   */
  verify(accountId: string): Promise<Verdict> {
    const known = this.#walks.get(accountId);
    if (known) return known;
    const walk = this.#walk(accountId).finally(() => this.#walks.delete(accountId));
    this.#walks.set(accountId, walk);
    return walk;
  }

  async #walk(account_id: string): Promise<Verdict> {
    const ends = await this.#readEnds(account_id);
    const { head } = ends;
    const firstSeq = ends.cut.seq + 1;
    let at = ends.cut;
    let events = 0;
    let lastId: string | undefined;

    const verdict = (brokenAt?: BrokenAt): Verdict => {
      const isEmpty = head.seq < firstSeq;
      const numbers = isEmpty ? { firstSeq: undefined, lastSeq: undefined } : { firstSeq, lastSeq: head.seq };
      return { events, ...numbers, head: head.hash, brokenAt };
    };

    if (ends.first !== null && ends.first < firstSeq) return verdict(await this.#added(account_id, ends.first));
    while (at.seq < head.seq) {
      const rows = await this.#eventsAfter.rows(this.#storage, { account_id, seq: at.seq });
      const [first] = rows;
      if (first?.seq !== at.seq + 1) {
        const { cut } = await this.#readEnds(account_id);
        if (cut.seq <= at.seq) return verdict({ seq: at.seq + 1, id: undefined, reason: "missing" });
        // Retention was here: the chain goes on where it was cut off now.
        at = cut;
        lastId = undefined;
        continue;
      }
      for (const row of rows) {
        if (at.seq === head.seq) break;
        const seq = at.seq + 1;
        if (row.seq !== seq) return verdict({ seq, id: undefined, reason: "missing" });
        const hash = hashAfter(at.hash, seq, row);
        if (hash !== row.hash) return verdict({ seq, id: row.id, reason: "changed" });
        at = { seq, hash };
        lastId = row.id;
        events += 1;
      }
    }
    if (at.seq === head.seq && at.hash !== head.hash) return verdict({ seq: head.seq, id: lastId, reason: "head" });
    if (ends.last !== null && ends.last > head.seq) return verdict(await this.#added(account_id, head.seq + 1));
    return verdict();
  }

  async #readEnds(account_id: string) {
    const [row] = await this.#ends.rows(this.#storage, { account_id });
    const { seq, hash, pruned_seq, pruned_hash, first, last } = row as Ends;
    return {
      head: { seq: seq ?? NO_EVENTS.seq, hash: hash ?? NO_EVENTS.hash },
      cut: { seq: pruned_seq ?? NO_EVENTS.pruned_seq, hash: pruned_hash ?? NO_EVENTS.pruned_hash },
      first,
      last,
    };
  }

  /** The first event from this number on, which should not be there. */
  async #added(account_id: string, from: number): Promise<BrokenAt> {
    const [row] = await this.#eventsAfter.rows(this.#storage, { account_id, seq: from - 1 });
    return { seq: row?.seq ?? from, id: row?.id, reason: "added" };
  }
}

/** In one query, for an event may be added or removed between two. */
function endsQuery({ build }: Storage, accountId: string) {
  return build.selectNoFrom(({ selectFrom }) => {
    const head = selectFrom("event_heads").where("account_id", "=", accountId);
    const events = selectFrom("events").where("account_id", "=", accountId);
    return [
      head.select("seq").as("seq"),
      head.select("hash").as("hash"),
      head.select("pruned_seq").as("pruned_seq"),
      head.select("pruned_hash").as("pruned_hash"),
      events.select(({ fn }) => fn.min("seq").as("first")).as("first"),
      events.select(({ fn }) => fn.max("seq").as("last")).as("last"),
    ];
  });
}

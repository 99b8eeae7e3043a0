import type { Retention as RetentionPolicy } from "@headgate/policy";
import { type EventRow, Prepared, type Storage } from "@headgate/storage";
import type { EventsContext } from "../context.ts";
import { Sweep } from "../sweep.ts";
import { ExpiredKeys } from "./expired-keys.ts";

/** Rows that one transaction removes, at most: others wait for it. */
const ROWS_AT_A_TIME = 500;
const ACCOUNTS_AT_A_TIME = 500;
const INTERVAL_MS = 60_000;

/** Where an account's chain is cut off now, and whose rule holds for it. */
interface Cut {
  readonly account_id: string;
  readonly plan: string | null;
  readonly seq: number;
  readonly pruned_seq: number;
}

/** A cut, and when the first event after it was received; null where there is none. */
interface Candidate extends Cut {
  readonly oldest: number | null;
}

type Removable = Pick<EventRow, "seq" | "received_at" | "hash">;

/**
 * Removes events that have been kept as long as the policy says, by when they were received: the beginning of each
 * account's chain, in small steps. Each step moves the cut that the rest is verified from. Nothing is removed that
 * comes after an event that is still to be kept, whatever its own time says.
 */
export class Retention extends Sweep {
  readonly #statements: Statements;
  readonly #keys: ExpiredKeys;

  constructor(context: EventsContext) {
    super(context, { everyMs: INTERVAL_MS, failure: "retention-failed" });
    this.#statements = new Statements(context.storage);
    this.#keys = new ExpiredKeys(context.storage);
  }

  protected override async sweep(): Promise<void> {
    await this.#keys.remove(this.context.clock(), () => this.isClosed);
    let after = "";
    while (!this.isClosed) {
      const candidates = await this.#statements.candidates.rows(this.context.storage, { after });
      for (const candidate of candidates) {
        if (this.isClosed) return;
        if (candidate.oldest !== null && candidate.oldest < this.#cutoffFor(candidate)) await this.#prune(candidate);
      }
      const last = candidates.at(-1);
      if (!last || candidates.length < ACCOUNTS_AT_A_TIME) return;
      after = last.account_id;
    }
  }

  async #prune({ account_id }: Cut): Promise<void> {
    const { storage, events } = this.context;
    let removed = 0;
    while (!this.isClosed) {
      // Read anew for each step: the account may have got another plan, and another instance may have been here.
      const [cut] = await this.#statements.cut.rows(storage, { account_id });
      const last = cut && (await this.#lastRemovable(cut));
      if (!last) break;
      const isRemoved = await events.prune(account_id, this.#statements.prune(cut, last));
      if (!isRemoved) continue;
      removed += last.seq - cut.pruned_seq;
    }
    if (removed > 0) this.context.log.info("events-removed", { account: account_id, events: removed });
  }

  /** The last event of the next step; undefined where none may be removed. */
  async #lastRemovable(cut: Cut): Promise<Removable | undefined> {
    const cutoff = this.#cutoffFor(cut);
    if (cutoff === Number.NEGATIVE_INFINITY) return undefined;
    const rows = await this.#statements.oldest.rows(this.context.storage, cut);
    const kept = rows.findIndex(({ received_at }) => received_at >= cutoff);
    return kept === -1 ? rows.at(-1) : rows[kept - 1];
  }

  /** Events received before this are to be removed: epoch ms. */
  #cutoffFor({ plan }: Cut): number {
    const keptMs = keptMsOf(this.context.policy().retention, plan);
    return keptMs === undefined ? Number.NEGATIVE_INFINITY : this.context.clock() - keptMs;
  }
}

function keptMsOf({ defaultMs, plans }: RetentionPolicy, plan: string | null): number | undefined {
  return plan !== null && plans.has(plan) ? plans.get(plan) : defaultMs;
}

const CUT_MOVED = "events-cut";

interface Move {
  readonly account_id: string;
  readonly before: number;
  readonly seq: number;
  readonly hash: string;
}

/** Built once. */
class Statements {
  readonly candidates: Prepared<{ after: string }, Candidate>;
  readonly cut: Prepared<{ account_id: string }, Cut>;
  readonly oldest: Prepared<Cut, Removable>;
  readonly #moveCut: Prepared<Move>;
  readonly #remove: Prepared<Move>;

  constructor({ build }: Storage) {
    const cuts = build
      .selectFrom("event_heads")
      .innerJoin("accounts", "accounts.id", "event_heads.account_id")
      .select(["event_heads.account_id", "accounts.plan", "event_heads.seq", "event_heads.pruned_seq"]);
    this.candidates = new Prepared(["after"], ({ after }) =>
      cuts
        .select(({ selectFrom }) =>
          selectFrom("events")
            .select("events.received_at")
            .whereRef("events.account_id", "=", "event_heads.account_id")
            .whereRef("events.seq", ">", "event_heads.pruned_seq")
            .orderBy("events.seq")
            .limit(1)
            .as("oldest"),
        )
        .where("event_heads.account_id", ">", after)
        .orderBy("event_heads.account_id")
        .limit(ACCOUNTS_AT_A_TIME),
    );
    this.cut = new Prepared(["account_id"], ({ account_id }) => cuts.where("event_heads.account_id", "=", account_id));
    this.oldest = new Prepared(["account_id", "seq", "pruned_seq"], ({ account_id, seq, pruned_seq }) =>
      build
        .selectFrom("events")
        .select(["seq", "received_at", "hash"])
        .where("account_id", "=", account_id)
        .where("seq", ">", pruned_seq)
        .where("seq", "<=", seq)
        .orderBy("seq")
        .limit(ROWS_AT_A_TIME),
    );
    this.#moveCut = new Prepared(["account_id", "before", "seq", "hash"], ({ account_id, before, seq, hash }) =>
      build
        .updateTable("event_heads")
        .set({ pruned_seq: seq, pruned_hash: hash })
        .where("account_id", "=", account_id)
        .where("pruned_seq", "=", before),
    );
    this.#remove = new Prepared(["account_id", "before", "seq"], ({ account_id, before, seq }) =>
      build.deleteFrom("events").where("account_id", "=", account_id).where("seq", ">", before).where("seq", "<=", seq),
    );
  }

  /** Removes the events after a cut up to this one, which is the new cut. */
  prune({ account_id, pruned_seq: before }: Cut, { seq, hash }: Removable) {
    const move = { account_id, before, seq, hash };
    return [this.#moveCut.statement(move, { rows: 1, name: CUT_MOVED }), this.#remove.statement(move)];
  }
}

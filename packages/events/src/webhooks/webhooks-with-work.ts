import { Prepared, type Storage } from "@headgate/storage";
import { type RawBuilder, sql } from "kysely";
import type { EventsContext } from "../context.ts";
import { IS_HELD_BACK, PENDING } from "./fan-out.ts";
import { isFree } from "./lease.ts";
import { wants } from "./outbox.ts";

/** What a look at an account finds. */
export interface AccountWork {
  /** Whether any of its webhooks is told of events, or has work now: else its commits are of no interest. */
  readonly isListening: boolean;
  readonly webhookIds: readonly string[];
}

interface Look {
  readonly accountId: string;
  readonly owner: string;
  readonly now: number;
  /** 1 takes those too whose events are held back. */
  readonly isProbe: 0 | 1;
}

/** Webhooks that one look at all finds, at most. */
export const MOST_FOUND = 256;

/** Finds webhooks that something can be done for now: of each, indexes say it. */
export class WebhooksWithWork {
  readonly #context: EventsContext;
  readonly #all: Prepared<Look, { id: string }>;
  readonly #ofAccount: Prepared<Look, { id: string; has_work: boolean | 0 | 1 }>;

  constructor(context: EventsContext) {
    this.#context = context;
    const { build, dialect } = context.storage;
    const enabled = build.selectFrom("webhooks").select("id").where("disabled_at", "is", null);
    this.#all = new Prepared(["owner", "now", "isProbe"], (look) =>
      // Those first that have waited longest.
      enabled.where(hasWork(dialect, look)).orderBy("lease_until").limit(MOST_FOUND),
    );
    this.#ofAccount = new Prepared(["accountId", "owner", "now", "isProbe"], (look) =>
      enabled
        .select(hasWork(dialect, look).as("has_work"))
        .where("account_id", "=", look.accountId)
        .where(({ or }) => or([wants("event.created"), hasWork(dialect, look)])),
    );
  }

  /** Ids of webhooks of all accounts. Rejects with `HG_STORAGE_…`. */
  async find(isProbe: boolean): Promise<string[]> {
    const rows = await this.#all.rows(this.#context.storage, this.#look("", isProbe));
    return rows.map(({ id }) => id);
  }

  async findOf(accountId: string): Promise<AccountWork> {
    const rows = await this.#ofAccount.rows(this.#context.storage, this.#look(accountId, false));
    const working = rows.filter(({ has_work }) => Boolean(has_work));
    return { isListening: rows.length > 0, webhookIds: working.map(({ id }) => id) };
  }

  #look(accountId: string, isProbe: boolean): Look {
    const { instance: owner, clock } = this.#context;
    return { accountId, owner, now: clock(), isProbe: isProbe ? 1 : 0 };
  }
}

/** That a webhook may be taken, and has a delivery that is due, or events that have none yet and are not held back. */
function hasWork(dialect: Storage["dialect"], { owner, now, isProbe }: Look): RawBuilder<boolean> {
  return sql<boolean>`
    ${isFree(dialect, owner, now)} and (
      exists (select 1 from deliveries where webhook_id = webhooks.id and ${PENDING} and due_at <= ${now})
      or (
        (
          exists (select 1 from webhook_replays where webhook_id = webhooks.id)
          or (
            ${wants("event.created")}
            and exists (select 1 from event_heads where account_id = webhooks.account_id and seq > webhooks.cursor_seq)
          )
        )
        and (cast(${isProbe} as integer) = 1 or not (${IS_HELD_BACK}))
      )
    )`;
}

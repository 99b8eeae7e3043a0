import { Prepared, type Statement, type WebhookReplayRow, type WebhookRow } from "@headgate/storage";
import { type RawBuilder, sql } from "kysely";
import type { EventsContext } from "../context.ts";
import { EventDeliveries, type Range } from "./event-deliveries.ts";
import type { Leases } from "./lease.ts";

/** Deliveries without an attempt that a webhook has, at most: more events wait in the log. */
const MOST_UNTRIED = 256;
/** Deliveries that wait for another attempt while a receiver fails. From here on its events wait in the log. */
const MOST_FAILING = 1_000;

interface Outstanding {
  readonly untried: number;
  readonly pending: number;
}

interface Move {
  readonly webhook_id: string;
  /** Of a replay. */
  readonly id: string;
  readonly before: number;
  readonly upto: number;
}

/**
 * The events of an account are its webhooks' outbox: each webhook has a cursor, and what comes after that has no delivery
 * yet. This makes deliveries and moves the cursor, in one transaction that holds only while the lease does.
 */
export class FanOut {
  readonly #context: EventsContext;
  readonly #leases: Leases;
  readonly #deliveries: EventDeliveries;
  readonly #outstanding: Prepared<{ webhook_id: string }, Outstanding>;
  readonly #replay: Prepared<{ webhook_id: string }, WebhookReplayRow>;
  readonly #moveCursor: Prepared<Move>;
  readonly #moveReplay: Prepared<Move>;
  readonly #endReplay: Prepared<Move>;

  constructor(context: EventsContext, leases: Leases) {
    this.#context = context;
    this.#leases = leases;
    this.#deliveries = new EventDeliveries(context);
    const { build } = context.storage;
    this.#outstanding = new Prepared(["webhook_id"], ({ webhook_id }) => {
      const pending = build
        .selectFrom("deliveries")
        .select("due_at")
        .where("webhook_id", "=", webhook_id)
        .where(PENDING);
      return build.selectNoFrom(({ selectFrom, fn }) => [
        selectFrom(pending.where("failures", "=", 0).limit(MOST_UNTRIED).as("few"))
          .select(fn.countAll<number>().as("count"))
          .as("untried"),
        selectFrom(pending.limit(MOST_FAILING).as("many")).select(fn.countAll<number>().as("count")).as("pending"),
      ]) as never;
    });
    this.#replay = new Prepared(["webhook_id"], ({ webhook_id }) =>
      build.selectFrom("webhook_replays").selectAll().where("webhook_id", "=", webhook_id).orderBy("id").limit(1),
    );
    this.#moveCursor = new Prepared(["webhook_id", "before", "upto"], ({ webhook_id, before, upto }) =>
      build
        .updateTable("webhooks")
        .set({ cursor_seq: upto })
        .where("id", "=", webhook_id)
        .where("cursor_seq", "=", before),
    );
    this.#moveReplay = new Prepared(["webhook_id", "id", "before", "upto"], ({ webhook_id, id, before, upto }) =>
      build
        .updateTable("webhook_replays")
        .set({ at_seq: upto })
        .where("webhook_id", "=", webhook_id)
        .where("id", "=", id)
        .where("at_seq", "=", before),
    );
    this.#endReplay = new Prepared(["webhook_id", "id"], ({ webhook_id, id }) =>
      build
        .deleteFrom("webhook_replays")
        .where("webhook_id", "=", webhook_id)
        .where("id", "=", id)
        .whereRef("at_seq", ">=", "upto_seq"),
    );
  }

  /**
   * Makes as many deliveries as there is room for. Of a receiver that fails, and has much to catch up with already, only
   * a probe may be sent: one that is new, to see whether it is back.
   */
  async advance(webhook: WebhookRow, isProbe: boolean): Promise<void> {
    const { storage, events } = this.#context;
    const head = await events.head(webhook.account_id);
    const [replay] = await this.#replay.rows(storage, { webhook_id: webhook.id });
    const isBehind = wantsEvents(webhook) && head.seq > webhook.cursor_seq;
    if (!isBehind && !replay) return;
    const room = await this.#room(webhook, isProbe);
    // What is new goes first, and what is told again gets its share.
    const forNew = replay ? Math.ceil(room / 2) : room;
    if (isBehind && forNew > 0) {
      const range = { after: Math.max(webhook.cursor_seq, head.pruned_seq), upto: head.seq };
      await this.#make(webhook, range, forNew, (upto) => [
        this.#moveCursor.statement({ webhook_id: webhook.id, id: "", before: webhook.cursor_seq, upto }, MOVED),
      ]);
    }
    const forReplay = isBehind ? room - forNew : room;
    if (replay && forReplay > 0) {
      const { id, webhook_id, at_seq: before, upto_seq } = replay;
      const range = { after: Math.min(Math.max(before, head.pruned_seq), upto_seq), upto: upto_seq };
      await this.#make(webhook, range, forReplay, (upto) => {
        const move = { webhook_id, id, before, upto };
        return [this.#moveReplay.statement(move, MOVED), this.#endReplay.statement(move)];
      });
    }
  }

  /** Where somebody else has moved what is to be moved, nothing is done: there is another look soon. */
  async #make(webhook: WebhookRow, range: Range, room: number, move: (upto: number) => Statement[]): Promise<void> {
    const { upto, statements } = await this.#deliveries.make(webhook, range, room);
    await this.#context.storage.write([this.#leases.fence(webhook.id), ...move(upto), ...statements]);
  }

  async #room(webhook: WebhookRow, isProbe: boolean): Promise<number> {
    const [found] = await this.#outstanding.rows(this.#context.storage, { webhook_id: webhook.id });
    const { untried = 0, pending = 0 } = found ?? {};
    if (webhook.failing_since === null) return MOST_UNTRIED - untried;
    const room = Math.min(MOST_UNTRIED - untried, MOST_FAILING - pending);
    return isProbe && untried === 0 ? Math.max(room, 1) : Math.max(room, 0);
  }
}

const MOVED = { rows: 1, name: "webhook-cursor" };

/** Written out, so that the index of pending deliveries is known to serve. */
export const PENDING: RawBuilder<boolean> = sql<boolean>`state = 'pending'`;

/** That a webhook's receiver fails, and so many deliveries wait for it that its events wait in the log. */
export const IS_HELD_BACK: RawBuilder<boolean> = sql<boolean>`failing_since is not null and exists (
  select 1 from deliveries where webhook_id = webhooks.id and ${PENDING} limit 1 offset ${sql.lit(MOST_FAILING - 1)})`;

/** Whether a webhook is told of events. */
function wantsEvents({ types }: WebhookRow): boolean {
  return (JSON.parse(types) as string[]).includes("event.created");
}

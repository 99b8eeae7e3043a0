import { type DeliveryRow, Prepared, type Statement } from "@headgate/storage";
import { sql } from "kysely";
import { encodeTime } from "ulid";
import type { EventsContext } from "../context.ts";
import { ID_PREFIXES } from "../id.ts";
import { Sweep } from "../sweep.ts";

/** How long deliveries that have ended can be looked at, and sent again each for itself. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1_000;
const SWEEP_EVERY_MS = 60 * 60 * 1_000;
/** Rows that one transaction removes, at most: others wait for it. */
const ROWS_AT_A_TIME = 500;

interface Bounds {
  /** The first id of those that are too young. */
  readonly floor: string;
  /** Epoch ms; what ended later is kept. */
  readonly cutoff: number;
}

type Ended = Pick<DeliveryRow, "webhook_id" | "message_id"> & Bounds;

/**
 * Removes deliveries that ended long ago, their attempts, and messages that no delivery needs any more. Ids are in the
 * order of time, so the old ones are found without an index of their own.
 */
export class DeliverySweeper extends Sweep {
  readonly #webhooks: Prepared<{ after: string }, { id: string }>;
  readonly #ended: Prepared<Omit<Ended, "message_id">, { message_id: string }>;
  readonly #removeAttempts: Prepared<Ended>;
  readonly #removeDelivery: Prepared<Ended>;
  readonly #unneeded: Prepared<Bounds, { id: string }>;
  readonly #removeMessage: Prepared<{ id: string }>;

  constructor(context: EventsContext) {
    super(context, { everyMs: SWEEP_EVERY_MS, failure: "webhook-sweep-failed" });
    const { build } = context.storage;
    this.#webhooks = new Prepared(["after"], ({ after }) =>
      build.selectFrom("webhooks").select("id").where("id", ">", after).orderBy("id").limit(ROWS_AT_A_TIME),
    );
    this.#ended = new Prepared(["webhook_id", "floor", "cutoff"], ({ webhook_id, floor, cutoff }) =>
      build
        .selectFrom("deliveries")
        .select("message_id")
        .where("webhook_id", "=", webhook_id)
        .where("message_id", "<", floor)
        .where("finished_at", "<", cutoff)
        .limit(ROWS_AT_A_TIME),
    );
    this.#removeAttempts = new Prepared(["webhook_id", "message_id"], ({ webhook_id, message_id }) =>
      build.deleteFrom("delivery_attempts").where("webhook_id", "=", webhook_id).where("message_id", "=", message_id),
    );
    // It may have been asked for again since it was found.
    this.#removeDelivery = new Prepared(["webhook_id", "message_id", "cutoff"], ({ webhook_id, message_id, cutoff }) =>
      build
        .deleteFrom("deliveries")
        .where("webhook_id", "=", webhook_id)
        .where("message_id", "=", message_id)
        .where("finished_at", "<", cutoff),
    );
    this.#unneeded = new Prepared(["floor"], ({ floor }) =>
      build
        .selectFrom("webhook_messages")
        .select("id")
        .where("id", "<", floor)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("webhooks")
                .innerJoin("deliveries", "deliveries.webhook_id", "webhooks.id")
                .select(sql.lit(1).as("one"))
                .whereRef("webhooks.account_id", "=", "webhook_messages.account_id")
                .whereRef("deliveries.message_id", "=", "webhook_messages.id"),
            ),
          ),
        )
        .limit(ROWS_AT_A_TIME),
    );
    this.#removeMessage = new Prepared(["id"], ({ id }) => build.deleteFrom("webhook_messages").where("id", "=", id));
  }

  protected override async sweep(): Promise<void> {
    const { storage, clock } = this.context;
    const cutoff = clock() - KEPT_MS;
    const bounds = { floor: ID_PREFIXES.message + encodeTime(cutoff).toLowerCase(), cutoff };
    let webhooks: { id: string }[] = [];
    do {
      webhooks = await this.#webhooks.rows(storage, { after: webhooks.at(-1)?.id ?? "" });
      for (const { id } of webhooks) await this.#sweepWebhook(id, bounds);
    } while (webhooks.length === ROWS_AT_A_TIME);
    await this.#inSteps(
      () => this.#unneeded.rows(storage, bounds),
      (messages) => [this.#removeMessage.statementForEach(messages)],
    );
  }

  #sweepWebhook(webhook_id: string, bounds: Bounds): Promise<void> {
    return this.#inSteps(
      () => this.#ended.rows(this.context.storage, { webhook_id, ...bounds }),
      (found) => {
        const ended = found.map(({ message_id }) => ({ webhook_id, message_id, ...bounds }));
        return [this.#removeAttempts.statementForEach(ended), this.#removeDelivery.statementForEach(ended)];
      },
    );
  }

  async #inSteps<Row>(find: () => Promise<Row[]>, remove: (rows: readonly Row[]) => Statement[]): Promise<void> {
    let found = ROWS_AT_A_TIME;
    while (found === ROWS_AT_A_TIME && !this.isClosed) {
      const rows = await find();
      if (rows.length > 0) await this.context.storage.write(remove(rows));
      found = rows.length;
    }
  }
}

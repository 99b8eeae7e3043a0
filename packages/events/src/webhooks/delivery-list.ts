import { type DeliveryAttemptRow, type DeliveryRow, Prepared } from "@headgate/storage";
import { type RawBuilder, sql } from "kysely";
import type { EventsContext } from "../context.ts";
import { isIdOf } from "../id.ts";
import { Refusal } from "../problem.ts";
import { cursorAfterId, idBefore } from "./id-cursor.ts";

export interface DeliveryQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state?: DeliveryRow["state"] | undefined;
}

export interface DeliveryPage {
  readonly deliveries: readonly DeliveryRow[];
  readonly nextCursor: string | undefined;
}

type DeliveryId = Pick<DeliveryRow, "webhook_id" | "message_id">;

/** The deliveries of a webhook, to be looked at. */
export class DeliveryList {
  readonly #context: Pick<EventsContext, "storage" | "seal">;
  readonly #delivery: Prepared<DeliveryId, DeliveryRow>;
  readonly #attempts: Prepared<DeliveryId, DeliveryAttemptRow>;

  constructor(context: Pick<EventsContext, "storage" | "seal">) {
    this.#context = context;
    const { build } = context.storage;
    this.#delivery = new Prepared(["webhook_id", "message_id"], ({ webhook_id, message_id }) =>
      build
        .selectFrom("deliveries")
        .selectAll()
        .where("webhook_id", "=", webhook_id)
        .where("message_id", "=", message_id),
    );
    this.#attempts = new Prepared(["webhook_id", "message_id"], ({ webhook_id, message_id }) =>
      build
        .selectFrom("delivery_attempts")
        .selectAll()
        .where("webhook_id", "=", webhook_id)
        .where("message_id", "=", message_id)
        .orderBy("number"),
    );
  }

  /** The newest messages first. Throws `HG_EVENTS_CURSOR`. */
  async page(webhookId: string, { limit, cursor, state }: DeliveryQuery): Promise<DeliveryPage> {
    const { storage, seal } = this.#context;
    const list = { name: `deliveries ${state ?? ""}`, accountId: webhookId };
    const before = cursor === undefined ? undefined : idBefore(seal, list, cursor);
    const place = state === "pending" ? AS_A_VALUE : sql.ref<string>("message_id");
    let query = storage.build
      .selectFrom("deliveries")
      .selectAll()
      .where("webhook_id", "=", webhookId)
      .orderBy(place, "desc")
      .limit(limit + 1);
    if (before !== undefined) query = query.where(place, "<", before);
    // Written out, so that the index of the few in this state is known to serve.
    if (state !== undefined) query = query.where(sql<boolean>`state = ${sql.lit(state)}`);
    const rows = await storage.read(query.compile());
    const deliveries = rows.slice(0, limit);
    const last = deliveries.at(-1);
    return {
      deliveries,
      nextCursor: last && rows.length > limit ? cursorAfterId(seal, list, last.message_id) : undefined,
    };
  }

  /** With all its attempts. Rejects with `HG_DELIVERY_UNKNOWN`. */
  async get(webhook_id: string, message_id: string): Promise<{ row: DeliveryRow; attempts: DeliveryAttemptRow[] }> {
    const { storage } = this.#context;
    const id = { webhook_id, message_id };
    const [row] = isIdOf("message", message_id) ? await this.#delivery.rows(storage, id) : [];
    if (!row) throw unknownDelivery(message_id);
    return { row, attempts: await this.#attempts.rows(storage, id) };
  }
}

/** Sorts the few that are pending. In the order of the key, a look for them would go through all that was delivered. */
const AS_A_VALUE: RawBuilder<string> = sql<string>`message_id || ''`;

export function unknownDelivery(messageId: string): Refusal {
  const shown = messageId.slice(0, 100).toWellFormed();
  return new Refusal("HG_DELIVERY_UNKNOWN", `the webhook has no delivery of ${shown}`);
}

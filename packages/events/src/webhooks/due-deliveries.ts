import { type DeliveryRow, type EventRow, Prepared, type Storage } from "@headgate/storage";
import { PENDING } from "./fan-out.ts";
import { eventsBody } from "./message-body.ts";

/** A delivery with what is to be sent. */
export interface Letter {
  readonly delivery: DeliveryRow;
  /** Undefined where what it tells of is kept no more. */
  readonly body: string | undefined;
}

/** Deliveries that are read at a time, and events in them. */
const MOST_LETTERS = 100;
const MOST_EVENTS = 100;

/** Reads what is to be attempted, with bodies made from the rows they tell of: those never change. */
export class DueDeliveries {
  readonly #storage: Storage;
  readonly #due: Prepared<{ webhook_id: string; now: number; limit: number }, DeliveryRow>;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#due = new Prepared(["webhook_id", "now", "limit"], ({ webhook_id, now, limit }) =>
      storage.build
        .selectFrom("deliveries")
        .selectAll()
        .where("webhook_id", "=", webhook_id)
        .where(PENDING)
        .where("due_at", "<=", now)
        .orderBy("due_at")
        .orderBy("message_id")
        .limit(limit),
    );
  }

  /** Those that have waited longest, without those whose messages are held already. `now` is epoch ms. */
  async read(webhookId: string, now: number, held: ReadonlySet<string>): Promise<Letter[]> {
    const limit = held.size + MOST_LETTERS;
    const rows = await this.#due.rows(this.#storage, { webhook_id: webhookId, now, limit });
    const deliveries = fewEnough(rows.filter(({ message_id }) => !held.has(message_id)));
    const [first] = deliveries;
    if (!first) return [];
    const events = await this.#eventsOf(deliveries);
    const payloads = await this.#payloadsOf(deliveries);
    return deliveries.map((delivery) => {
      const { message_id, first_seq } = delivery;
      const body = first_seq === null ? payloads.get(message_id) : eventsBody(delivery, events.get(message_id) ?? []);
      return { delivery, body };
    });
  }

  async #eventsOf(deliveries: readonly DeliveryRow[]): Promise<Map<string, EventRow[]>> {
    const events = new Map<string, EventRow[]>();
    const ids = deliveries.filter(({ first_seq }) => first_seq !== null).map(({ message_id }) => message_id);
    if (ids.length === 0) return events;
    const query = this.#storage.build
      .selectFrom("deliveries")
      .innerJoin("events", (join) =>
        join
          .onRef("events.account_id", "=", "deliveries.account_id")
          .onRef("events.seq", ">=", "deliveries.first_seq")
          .onRef("events.seq", "<=", "deliveries.last_seq"),
      )
      .selectAll("events")
      .select("deliveries.message_id")
      .where("deliveries.webhook_id", "=", (deliveries[0] as DeliveryRow).webhook_id)
      .where("deliveries.message_id", "in", ids)
      .orderBy("events.seq");
    for (const { message_id, ...event } of await this.#storage.read(query.compile())) {
      const known = events.get(message_id);
      if (known) known.push(event);
      else events.set(message_id, [event]);
    }
    return events;
  }

  async #payloadsOf(deliveries: readonly DeliveryRow[]): Promise<Map<string, string>> {
    const ids = deliveries.filter(({ first_seq }) => first_seq === null).map(({ message_id }) => message_id);
    if (ids.length === 0) return new Map();
    const query = this.#storage.build.selectFrom("webhook_messages").select(["id", "payload"]).where("id", "in", ids);
    return new Map((await this.#storage.read(query.compile())).map(({ id, payload }) => [id, payload]));
  }
}

/** The first of them, until they tell of too many events to be held in memory; one at least. */
function fewEnough(deliveries: readonly DeliveryRow[]): DeliveryRow[] {
  let events = 0;
  const end = deliveries.findIndex(({ first_seq, last_seq }, index) => {
    events += first_seq === null ? 1 : Number(last_seq) - first_seq + 1;
    return index > 0 && events > MOST_EVENTS;
  });
  return deliveries.slice(0, end === -1 ? MOST_LETTERS : end);
}

import { type DeliveryRow, type EventRow, Prepared, type WebhookReplayRow } from "@headgate/storage";
import type { EventsContext } from "../context.ts";

type DeliveryId = Pick<DeliveryRow, "webhook_id" | "message_id">;

/** Sends again what was sent, or never was. */
export class Replays {
  readonly #context: Pick<EventsContext, "storage" | "clock" | "newId" | "events">;
  readonly #again: Prepared<DeliveryId & { now: number }>;
  readonly #add: Prepared<WebhookReplayRow>;
  readonly #receivedAt: Prepared<{ account_id: string; seq: number }, Pick<EventRow, "received_at">>;

  constructor(context: Pick<EventsContext, "storage" | "clock" | "newId" | "events">) {
    this.#context = context;
    const { build } = context.storage;
    this.#again = new Prepared(["webhook_id", "message_id", "now"], ({ webhook_id, message_id, now }) =>
      build
        .updateTable("deliveries")
        .set({ state: "pending", failures: 0, due_at: now, finished_at: null, reason: null })
        .where("webhook_id", "=", webhook_id)
        .where("message_id", "=", message_id),
    );
    this.#add = new Prepared(["webhook_id", "id", "at_seq", "upto_seq", "created_at"], (row) =>
      build.insertInto("webhook_replays").values(row),
    );
    this.#receivedAt = new Prepared(["account_id", "seq"], ({ account_id, seq }) =>
      build.selectFrom("events").select("received_at").where("account_id", "=", account_id).where("seq", "=", seq),
    );
  }

  /** Makes a delivery due now, at the beginning of its schedule. Whether there is such a delivery. */
  async replayOne(webhookId: string, messageId: string): Promise<boolean> {
    const { storage, clock } = this.#context;
    const id = { webhook_id: webhookId, message_id: messageId };
    const { results } = await storage.write([this.#again.statement({ ...id, now: clock() })]);
    return results[0]?.changes === 1;
  }

  /**
   * Has all events sent again that were received from one moment to another, both inclusive, epoch ms: how many those
   * are. They get their deliveries in the background, as new events do, a few at a time.
   */
  async replayRange(
    webhook: { readonly id: string; readonly accountId: string },
    from: number,
    to: number,
  ): Promise<number> {
    const { storage, clock, newId, events } = this.#context;
    const { seq, pruned_seq } = await events.head(webhook.accountId);
    const before = await this.#lastReceivedBefore(webhook.accountId, from, pruned_seq, seq);
    const upto = await this.#lastReceivedBefore(webhook.accountId, to + 1, before, seq);
    if (upto === before) return 0;
    const now = clock();
    const replay = {
      webhook_id: webhook.id,
      id: newId("message", now),
      at_seq: before,
      upto_seq: upto,
      created_at: now,
    };
    await storage.write([this.#add.statement(replay)]);
    return upto - before;
  }

  /** The last event received before then, among those after `low` up to `high`; `low` where there is none. By halving. */
  async #lastReceivedBefore(accountId: string, time: number, low: number, high: number): Promise<number> {
    let [known, end] = [low, high];
    while (known < end) {
      const seq = Math.ceil((known + end) / 2);
      const [row] = await this.#receivedAt.rows(this.#context.storage, { account_id: accountId, seq });
      // What was removed meanwhile was received long before.
      if (!row || row.received_at < time) known = seq;
      else end = seq - 1;
    }
    return known;
  }
}

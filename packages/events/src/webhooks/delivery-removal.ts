import { Prepared } from "@headgate/storage";
import type { EventsContext } from "../context.ts";

/** Deliveries that one transaction removes, at most: others wait for it. */
const DELIVERIES_AT_A_TIME = 500;

interface Upto {
  readonly webhook_id: string;
  readonly message_id: string;
}

/** Removes a webhook's deliveries, and their attempts, in steps that keep no other writer waiting. */
export class DeliveryRemoval {
  readonly #storage: EventsContext["storage"];
  readonly #stepEnd: Prepared<Pick<Upto, "webhook_id">, Pick<Upto, "message_id">>;
  readonly #removeAttempts: Prepared<Upto>;
  readonly #removeDeliveries: Prepared<Upto>;

  constructor({ storage }: Pick<EventsContext, "storage">) {
    this.#storage = storage;
    const { build } = storage;
    this.#stepEnd = new Prepared(["webhook_id"], ({ webhook_id }) =>
      build
        .selectFrom("deliveries")
        .select("message_id")
        .where("webhook_id", "=", webhook_id)
        .orderBy("message_id")
        .limit(1)
        .offset(DELIVERIES_AT_A_TIME - 1),
    );
    const removal = (table: "deliveries" | "delivery_attempts"): Prepared<Upto> =>
      new Prepared(["webhook_id", "message_id"], ({ webhook_id, message_id }) =>
        build.deleteFrom(table).where("webhook_id", "=", webhook_id).where("message_id", "<=", message_id),
      );
    this.#removeAttempts = removal("delivery_attempts");
    this.#removeDeliveries = removal("deliveries");
  }

  /** Whether there are more than may go with one transaction. */
  async isLong(webhookId: string): Promise<boolean> {
    return (await this.#nextStep(webhookId)) !== undefined;
  }

  /** Resolves when so few are left that they may go with the webhook. Rejects with `HG_STORAGE_…`. */
  async run(webhookId: string): Promise<void> {
    for (let upto = await this.#nextStep(webhookId); upto; upto = await this.#nextStep(webhookId)) {
      await this.#storage.write([this.#removeAttempts.statement(upto), this.#removeDeliveries.statement(upto)]);
    }
  }

  /** Up to which message a whole step's deliveries go; undefined where there are fewer. */
  async #nextStep(webhookId: string): Promise<Upto | undefined> {
    const [end] = await this.#stepEnd.rows(this.#storage, { webhook_id: webhookId });
    return end && { webhook_id: webhookId, message_id: end.message_id };
  }
}

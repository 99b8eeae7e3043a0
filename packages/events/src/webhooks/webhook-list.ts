import type { EventsContext } from "../context.ts";
import { isIdOf } from "../id.ts";
import { Refusal } from "../problem.ts";
import { cursorAfterId, idBefore } from "./id-cursor.ts";
import { type Webhook, webhookOf } from "./webhook.ts";
import { WebhookRows } from "./webhook-rows.ts";

export interface WebhookQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface WebhookPage {
  readonly webhooks: readonly Webhook[];
  /** What the next page begins with; undefined on the last. */
  readonly nextCursor: string | undefined;
}

/** The webhooks on record, to be looked at: an account's, or for operators everybody's. */
export class WebhookList {
  readonly #seal: EventsContext["seal"];
  readonly #rows: WebhookRows;

  constructor({ storage, seal }: Pick<EventsContext, "storage" | "seal">) {
    this.#seal = seal;
    this.#rows = new WebhookRows(storage);
  }

  /** An account's, or whoever's where no account is given. Rejects with `HG_WEBHOOK_UNKNOWN`. */
  async get(accountId: string | undefined, id: string): Promise<Webhook> {
    const row = isIdOf("webhook", id) ? await this.#rows.find(accountId, id) : undefined;
    if (row) return webhookOf(row);
    throw unknownWebhook(id);
  }

  /** In the order they were created, an account's or everybody's. Rejects with `HG_EVENTS_CURSOR`. */
  async page(accountId: string | undefined, { limit, cursor }: WebhookQuery): Promise<WebhookPage> {
    const list = { name: "webhooks", accountId: accountId ?? "" };
    const after = cursor === undefined ? "" : idBefore(this.#seal, list, cursor);
    const rows = await this.#rows.page(accountId, after, limit + 1);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      webhooks: shown.map(webhookOf),
      nextCursor: last && rows.length > limit ? cursorAfterId(this.#seal, list, last.id) : undefined,
    };
  }
}

export function unknownWebhook(id: string): Refusal {
  return new Refusal("HG_WEBHOOK_UNKNOWN", `there is no webhook ${id.slice(0, 100).toWellFormed()}`);
}

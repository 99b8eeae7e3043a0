import type { WebhookRow } from "@headgate/storage";
import type { EventsContext } from "../context.ts";
import { Refusal } from "../problem.ts";
import type { AddressGuard } from "./address-guard.ts";
import { DeliveryRemoval } from "./delivery-removal.ts";
import type { Sender } from "./sender.ts";
import { type MessageType, type Webhook, webhookOf } from "./webhook.ts";
import { switched, WebhookEditor } from "./webhook-editor.ts";
import { WebhookList, type WebhookPage, type WebhookQuery } from "./webhook-list.ts";
import { checkPrecondition, type Precondition } from "./webhook-precondition.ts";
import { MOST_WEBHOOKS, NO_ROOM, WebhookRows } from "./webhook-rows.ts";
import { mintSecret } from "./webhook-secret.ts";
import { checkedUrl } from "./webhook-url.ts";

/** What a webhook is to be. */
export interface NewWebhook {
  readonly url: string;
  readonly types: readonly MessageType[];
  readonly isBatch: boolean;
  readonly description: string | undefined;
  /** `whsec_…`; undefined makes one. */
  readonly secret: string | undefined;
}

/** What is to be other about a webhook; undefined stays as it is. */
export interface WebhookChanges {
  readonly url?: string | undefined;
  readonly types?: readonly MessageType[] | undefined;
  readonly isBatch?: boolean | undefined;
  /** Null takes it away. */
  readonly description?: string | null | undefined;
  readonly isEnabled?: boolean | undefined;
}

/** An account's webhooks, as their owner keeps them. */
export class WebhookRegistry {
  readonly #context: EventsContext;
  readonly #rows: WebhookRows;
  readonly #list: WebhookList;
  readonly #editor: WebhookEditor;
  readonly #deliveries: DeliveryRemoval;
  readonly #guard: AddressGuard;
  readonly #sender: Sender;

  constructor(context: EventsContext, { guard, sender }: { readonly guard: AddressGuard; readonly sender: Sender }) {
    this.#context = context;
    this.#rows = new WebhookRows(context.storage);
    this.#list = new WebhookList(context);
    this.#editor = new WebhookEditor(context);
    this.#deliveries = new DeliveryRemoval(context);
    this.#guard = guard;
    this.#sender = sender;
  }

  /** A new webhook, which is told of what comes from now on. Rejects with `HG_WEBHOOK_URL` or `HG_WEBHOOK_TOO_MANY`. */
  async create(accountId: string, fields: NewWebhook): Promise<Webhook> {
    const { clock, commits, events, newId, storage } = this.#context;
    const url = await checkedUrl(fields.url, this.#guard, this.#sender);
    const { seq } = await events.head(accountId);
    const now = clock();
    const row: WebhookRow = {
      id: newId("webhook", now),
      account_id: accountId,
      url,
      types: JSON.stringify(fields.types),
      is_batch: fields.isBatch ? 1 : 0,
      description: fields.description ?? null,
      secret: fields.secret ?? mintSecret(),
      previous_secret: null,
      previous_until: null,
      disabled_at: null,
      disabled_reason: null,
      failing_since: null,
      cursor_seq: seq,
      lease_owner: null,
      lease_until: 0,
      version: 1,
      created_at: now,
      updated_at: now,
    };
    const { unmet } = await storage.write(this.#rows.insert(row));
    if (unmet === NO_ROOM) {
      throw new Refusal("HG_WEBHOOK_TOO_MANY", `an account has at most ${MOST_WEBHOOKS} webhooks: delete one first`);
    }
    commits.ring(accountId);
    return webhookOf(row);
  }

  /** Rejects with `HG_WEBHOOK_UNKNOWN`. */
  get(accountId: string, id: string): Promise<Webhook> {
    return this.#list.get(accountId, id);
  }

  /** In the order they were created. Rejects with `HG_EVENTS_CURSOR`. */
  list(accountId: string, query: WebhookQuery): Promise<WebhookPage> {
    return this.#list.page(accountId, query);
  }

  /**
   * Enabling a webhook forgets why it was disabled. Rejects with `HG_WEBHOOK_UNKNOWN`, `HG_WEBHOOK_URL` and
   * `HG_WEBHOOK_VERSION`.
   */
  async update(accountId: string, id: string, changes: WebhookChanges, precondition: Precondition): Promise<Webhook> {
    const known = await this.#list.get(accountId, id);
    checkPrecondition(known.version, precondition);
    const isElsewhere = changes.url !== undefined && changes.url !== known.url;
    const url = isElsewhere ? await checkedUrl(changes.url, this.#guard, this.#sender) : changes.url;
    const { seq } = await this.#context.events.head(accountId);
    return this.#editor.change(accountId, id, precondition, (before, now) => {
      const columns = changedColumns(before, { ...changes, url }, now);
      // What happened while it did not want to be told is not told now.
      return columns && wantsEvents(columns) && !wantsEvents(before) ? { ...columns, cursor_seq: seq } : columns;
    });
  }

  /**
   * A new secret; the old one signs too for `overlapMs` more. Rotating again within it ends the oldest at once. Rejects
   * with `HG_WEBHOOK_UNKNOWN` and `HG_WEBHOOK_VERSION`.
   */
  rotate(accountId: string, id: string, overlapMs: number, precondition: Precondition): Promise<Webhook> {
    const secret = mintSecret();
    const hasOverlap = overlapMs > 0;
    return this.#editor.change(accountId, id, precondition, (before, now) => ({
      secret,
      previous_secret: hasOverlap ? before.secret : null,
      previous_until: hasOverlap ? now + overlapMs : null,
    }));
  }

  /**
   * With its deliveries. Where those are many, it is disabled first, and they go in small steps before it does. Rejects
   * with `HG_WEBHOOK_UNKNOWN` and `HG_WEBHOOK_VERSION`.
   */
  async remove(accountId: string, id: string, precondition: Precondition): Promise<void> {
    const known = await this.#list.get(accountId, id);
    if (!(await this.#deliveries.isLong(id))) return this.#editor.remove(accountId, id, precondition);
    await this.#editor.switch(known, false, "owner", precondition);
    await this.#deliveries.run(id);
    // It was wanted of the version that was disabled: what has become of that since goes with it.
    await this.#editor.remove(accountId, id, () => true);
  }
}

/** The columns that come to be other than they are; undefined where none does. */
function changedColumns(before: WebhookRow, changes: WebhookChanges, now: number): Partial<WebhookRow> | undefined {
  const { url, types, isBatch, description, isEnabled } = changes;
  const wanted: Partial<WebhookRow> = {
    ...(url !== undefined && { url }),
    ...(types !== undefined && { types: JSON.stringify(types) }),
    ...(isBatch !== undefined && { is_batch: isBatch ? 1 : 0 }),
    ...(description !== undefined && { description }),
    ...(isEnabled !== undefined && switched(before, isEnabled, "owner", now)),
  };
  const columns = Object.keys(wanted) as (keyof WebhookRow)[];
  return columns.some((column) => wanted[column] !== before[column]) ? wanted : undefined;
}

function wantsEvents({ types = "[]" }: Partial<WebhookRow>): boolean {
  return (JSON.parse(types) as string[]).includes("event.created");
}

import type { WebhookRow } from "@headgate/storage";
import type { EventsContext } from "../context.ts";
import { isIdOf } from "../id.ts";
import { Refusal } from "../problem.ts";
import type { AddressGuard } from "./address-guard.ts";
import { cursorAfterId, idBefore } from "./id-cursor.ts";
import type { Sender } from "./sender.ts";
import { type MessageType, type Webhook, webhookOf } from "./webhook.ts";
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

export interface WebhookPage {
  readonly webhooks: readonly Webhook[];
  /** What the next page begins with; undefined on the last. */
  readonly nextCursor: string | undefined;
}

/** So many times others may be faster before a change is given up. */
const MOST_ATTEMPTS = 20;

/** The webhooks on record. */
export class WebhookRegistry {
  readonly #context: EventsContext;
  readonly #rows: WebhookRows;
  readonly #guard: AddressGuard;
  readonly #sender: Sender;

  constructor(context: EventsContext, { guard, sender }: { readonly guard: AddressGuard; readonly sender: Sender }) {
    this.#context = context;
    this.#rows = new WebhookRows(context.storage);
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
  async get(accountId: string, id: string): Promise<Webhook> {
    return webhookOf(await this.#find(accountId, id));
  }

  /** In the order they were created. Rejects with `HG_EVENTS_CURSOR`. */
  async list(
    accountId: string,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<WebhookPage> {
    const { seal } = this.#context;
    const list = { name: "webhooks", accountId };
    const after = cursor === undefined ? "" : idBefore(seal, list, cursor);
    const rows = await this.#rows.page(accountId, after, limit + 1);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      webhooks: shown.map(webhookOf),
      nextCursor: last && rows.length > limit ? cursorAfterId(seal, list, last.id) : undefined,
    };
  }

  /**
   * Enabling a webhook forgets why it was disabled. Rejects with `HG_WEBHOOK_UNKNOWN`, `HG_WEBHOOK_URL` and
   * `HG_WEBHOOK_VERSION`.
   */
  async update(accountId: string, id: string, changes: WebhookChanges, precondition: Precondition): Promise<Webhook> {
    const known = await this.#find(accountId, id);
    checkPrecondition(known.version, precondition);
    const isElsewhere = changes.url !== undefined && changes.url !== known.url;
    const url = isElsewhere ? await checkedUrl(changes.url, this.#guard, this.#sender) : changes.url;
    const { seq } = await this.#context.events.head(accountId);
    return this.#change(accountId, id, precondition, (before, now) => {
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
    return this.#change(accountId, id, precondition, (before, now) => ({
      secret,
      previous_secret: hasOverlap ? before.secret : null,
      previous_until: hasOverlap ? now + overlapMs : null,
    }));
  }

  /** With its deliveries. Rejects with `HG_WEBHOOK_UNKNOWN` and `HG_WEBHOOK_VERSION`. */
  async remove(accountId: string, id: string, precondition: Precondition): Promise<void> {
    await this.#settle(accountId, id, precondition, async (before) => {
      const { unmet } = await this.#context.storage.write([this.#rows.remove(before)]);
      return unmet === undefined ? before : undefined;
    });
  }

  /** Writes what is to be other; undefined: nothing is. */
  #change(
    accountId: string,
    id: string,
    precondition: Precondition,
    changesOf: (before: WebhookRow, now: number) => Partial<WebhookRow> | undefined,
  ): Promise<Webhook> {
    return this.#settle(accountId, id, precondition, async (before) => {
      const now = this.#context.clock();
      const wanted = changesOf(before, now);
      if (wanted === undefined) return webhookOf(before);
      const changes = { ...wanted, updated_at: now };
      const { unmet } = await this.#context.storage.write([this.#rows.update(before, changes)]);
      return unmet === undefined ? webhookOf({ ...before, ...changes, version: before.version + 1 }) : undefined;
    });
  }

  /** Tries a change anew, from reading on, for as long as `attempt` says by undefined that somebody else was faster. */
  async #settle<Result>(
    accountId: string,
    id: string,
    precondition: Precondition,
    attempt: (before: WebhookRow) => Promise<Result | undefined>,
  ): Promise<Result> {
    for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts++) {
      const before = await this.#find(accountId, id);
      checkPrecondition(before.version, precondition);
      const result = await attempt(before);
      if (result === undefined) continue;
      this.#context.commits.ring(accountId);
      return result;
    }
    throw new Refusal("HG_WEBHOOK_VERSION", "others kept changing the webhook at the same time: try again");
  }

  async #find(accountId: string, id: string): Promise<WebhookRow> {
    const row = isIdOf("webhook", id) ? await this.#rows.find({ account_id: accountId, id }) : undefined;
    if (row) return row;
    throw new Refusal("HG_WEBHOOK_UNKNOWN", `there is no webhook ${id.slice(0, 100).toWellFormed()}`);
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
    ...(isEnabled !== undefined && isEnabled !== (before.disabled_at === null) && switched(isEnabled, now)),
  };
  const columns = Object.keys(wanted) as (keyof WebhookRow)[];
  return columns.some((column) => wanted[column] !== before[column]) ? wanted : undefined;
}

function wantsEvents({ types = "[]" }: Partial<WebhookRow>): boolean {
  return (JSON.parse(types) as string[]).includes("event.created");
}

function switched(isEnabled: boolean, now: number) {
  return isEnabled
    ? { disabled_at: null, disabled_reason: null, failing_since: null }
    : { disabled_at: now, disabled_reason: "owner" as const };
}

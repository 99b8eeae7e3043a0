import type { WebhookRow } from "@headgate/storage";
import type { EventsContext } from "../context.ts";
import { isIdOf } from "../id.ts";
import { Refusal } from "../problem.ts";
import { type Webhook, webhookOf } from "./webhook.ts";
import { unknownWebhook } from "./webhook-list.ts";
import { checkPrecondition, type Precondition } from "./webhook-precondition.ts";
import { WebhookRows } from "./webhook-rows.ts";

/** So many times others may be faster before a change is given up. */
const MOST_ATTEMPTS = 20;

/** Changes webhooks on record, from the version they are at to the next. */
export class WebhookEditor {
  readonly #context: Pick<EventsContext, "storage" | "clock" | "commits">;
  readonly #rows: WebhookRows;

  constructor(context: Pick<EventsContext, "storage" | "clock" | "commits">) {
    this.#context = context;
    this.#rows = new WebhookRows(context.storage);
  }

  /**
   * Writes what is to be other; where `changesOf` gives undefined, nothing is. Rejects with `HG_WEBHOOK_UNKNOWN` and
   * `HG_WEBHOOK_VERSION`.
   */
  change(
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

  /** Enabling forgets why it was disabled; what is so already stays as it is. Rejects as {@link change} does. */
  switch(
    { accountId, id }: Pick<Webhook, "accountId" | "id">,
    isEnabled: boolean,
    by: "owner" | "operator",
    precondition: Precondition,
  ): Promise<Webhook> {
    return this.change(accountId, id, precondition, (before, now) => switched(before, isEnabled, by, now));
  }

  /** With its deliveries, all at once. Rejects as {@link change} does. */
  async remove(accountId: string, id: string, precondition: Precondition): Promise<void> {
    await this.#settle(accountId, id, precondition, async (before) => {
      const { unmet } = await this.#context.storage.write([this.#rows.remove(before)]);
      return unmet === undefined ? before : undefined;
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
      const before = isIdOf("webhook", id) ? await this.#rows.find(accountId, id) : undefined;
      if (!before) throw unknownWebhook(id);
      checkPrecondition(before.version, precondition);
      const result = await attempt(before);
      if (result === undefined) continue;
      this.#context.commits.ring(accountId);
      return result;
    }
    throw new Refusal("HG_WEBHOOK_VERSION", "others kept changing the webhook at the same time: try again");
  }
}

/** The columns that enabling or disabling changes; undefined where it is so already. */
export function switched(
  { disabled_at }: Pick<WebhookRow, "disabled_at">,
  isEnabled: boolean,
  by: "owner" | "operator",
  now: number,
): Partial<WebhookRow> | undefined {
  if (isEnabled === (disabled_at === null)) return undefined;
  return isEnabled
    ? { disabled_at: null, disabled_reason: null, failing_since: null }
    : { disabled_at: now, disabled_reason: by };
}

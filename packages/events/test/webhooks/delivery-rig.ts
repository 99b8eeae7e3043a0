import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_EVENTS_POLICY } from "@headgate/policy";
import type { DeliveryAttemptRow, DeliveryRow, EventRow, Value, WebhookRow } from "@headgate/storage";
import type { Compilable } from "kysely";
import { onTestFinished } from "vitest";
import type { EventContent } from "../../src/log/chain.ts";
import type { Sends } from "../../src/webhooks/courier.ts";
import type { AttemptResult } from "../../src/webhooks/sender.ts";
import { openWebhooks, type Webhooks, type WebhooksOptions } from "../../src/webhooks/webhooks.ts";
import { type ContextOptions, eventAt, type OpenContext, openContext } from "../log/open-context.ts";

export const SECOND_MS = 1_000;
export const MINUTE_MS: number = 60 * SECOND_MS;
export const HOUR_MS: number = 60 * MINUTE_MS;
export const DAY_MS: number = 24 * HOUR_MS;

/** One instance that delivers webhooks, without the API before it. */
export interface Instance extends OpenContext {
  readonly webhooks: Webhooks;
  /** Lets time go by, with everything that has a timer running once at its end. */
  pass(ms: number): Promise<void>;
  webhook(accountId: string, fields?: Partial<WebhookRow>): Promise<string>;
  change(webhookId: string, fields: Partial<WebhookRow>): Promise<void>;
  enable(webhookId: string): Promise<void>;
  remove(webhookId: string): Promise<void>;
  /** Adds events, all with one commit. */
  add(accountId: string, count: number, fields?: Partial<EventContent>): Promise<readonly EventRow[]>;
  /** As retention does. */
  removeEvents(accountId: string): Promise<void>;
  webhookRow(id: string): Promise<WebhookRow>;
  deliveries(webhookId: string): Promise<DeliveryRow[]>;
  attempts(webhookId: string): Promise<DeliveryAttemptRow[]>;
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "headgate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

export async function openInstance(options: ContextOptions & WebhooksOptions = {}): Promise<Instance> {
  const opened = await openContext(options);
  const context = {
    ...opened,
    policy: () => ({ ...DEFAULT_EVENTS_POLICY, webhookNetworks: ["127.0.0.0/8"] }),
  };
  const { time, storage } = context;
  const webhooks = openWebhooks(context, { random: () => 0, ...options });
  onTestFinished(() => webhooks.close());
  await webhooks.settled();

  const { build } = storage;
  async function write(statement: Compilable): Promise<void> {
    const { sql, parameters } = statement.compile();
    await storage.write([{ sql, parameters: parameters as Value[] }]);
    webhooks.wake();
  }
  const change = (id: string, fields: Partial<WebhookRow>): Promise<void> =>
    write(build.updateTable("webhooks").set(fields).where("id", "=", id));
  return {
    ...context,
    webhooks,
    async pass(ms) {
      time.now += ms;
      context.tick();
      await webhooks.settled();
    },
    async webhook(accountId, fields = {}) {
      const { seq } = await context.events.head(accountId);
      const id = context.newId("webhook", time.now);
      const row: WebhookRow = {
        id,
        account_id: accountId,
        url: `http://127.0.0.1/${id}`,
        types: '["event.created"]',
        is_batch: 0,
        description: null,
        secret: `whsec_${Buffer.alloc(24, 7).toString("base64")}`,
        previous_secret: null,
        previous_until: null,
        disabled_at: null,
        disabled_reason: null,
        failing_since: null,
        cursor_seq: seq,
        lease_owner: null,
        lease_until: 0,
        version: 1,
        created_at: time.now,
        updated_at: time.now,
        ...fields,
      };
      await write(build.insertInto("webhooks").values(row));
      await webhooks.settled();
      return id;
    },
    change,
    enable: (id) => change(id, { disabled_at: null, disabled_reason: null, failing_since: null }),
    remove: (id) => write(build.deleteFrom("webhooks").where("id", "=", id)),
    async removeEvents(accountId) {
      const { seq, hash } = await context.events.head(accountId);
      const heads = build.updateTable("event_heads").set({ pruned_seq: seq, pruned_hash: hash });
      await write(heads.where("account_id", "=", accountId));
      await write(build.deleteFrom("events").where("account_id", "=", accountId));
    },
    async add(accountId, count, fields = {}) {
      const events = Array.from({ length: count }, (_, index) => ({
        ...eventAt(time.now, index),
        id: context.newId("event", time.now),
        ...fields,
      }));
      const appended = await context.events.append(accountId, events);
      return "rows" in appended ? appended.rows : [];
    },
    async webhookRow(id) {
      const [row] = await storage.read(build.selectFrom("webhooks").selectAll().where("id", "=", id).compile());
      return row as WebhookRow;
    },
    deliveries: (webhookId) =>
      storage.read(
        build.selectFrom("deliveries").selectAll().where("webhook_id", "=", webhookId).orderBy("message_id").compile(),
      ),
    attempts: (webhookId) =>
      storage.read(
        build
          .selectFrom("delivery_attempts")
          .selectAll()
          .where("webhook_id", "=", webhookId)
          .orderBy("message_id")
          .orderBy("number")
          .compile(),
      ),
  };
}

export interface Sent {
  readonly url: string;
  readonly id: string;
  readonly body: string;
  /** Seconds since the epoch, as the receiver is told. */
  readonly timestamp: number;
}

/** A receiver that keeps what it is sent, and answers as it is told to. */
export function receiver(
  answer: (sent: Sent, earlier: readonly Sent[]) => Partial<AttemptResult> | Promise<Partial<AttemptResult>> = () =>
    answers(200),
): Sends & { readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    async send({ url, headers, body }) {
      const message = { url, body, id: String(headers["webhook-id"]), timestamp: Number(headers["webhook-timestamp"]) };
      const earlier = [...sent];
      sent.push(message);
      return { ...answers(200), ...(await answer(message, earlier)) };
    },
  };
}

export function answers(status: number, retryAfterMs?: number): AttemptResult {
  const ok = status >= 200 && status < 300;
  return {
    ok,
    status,
    error: ok ? undefined : `answered ${status}`,
    response: "",
    retryAfterMs,
    isGone: status === 410,
    durationMs: 1,
  };
}

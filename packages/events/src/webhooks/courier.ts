import { type DeliveryRow, Prepared, type WebhookRow } from "@headgate/storage";
import type { EventsContext } from "../context.ts";
import type { AttemptJournal } from "./attempt-journal.ts";
import type { Attempt, AttemptRecord } from "./attempt-record.ts";
import type { AttemptSlots } from "./attempt-slots.ts";
import type { DueDeliveries, Letter } from "./due-deliveries.ts";
import type { FanOut } from "./fan-out.ts";
import type { Leases } from "./lease.ts";
import type { AttemptResult } from "./sender.ts";
import { signedHeaders } from "./signature.ts";
import { webhookOf } from "./webhook.ts";

/** Sends one message to one receiver. Never rejects: what goes wrong is a failed attempt. */
export interface Sends {
  send(message: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): Promise<AttemptResult>;
}

/** What couriers share. */
export interface CourierOffice {
  readonly context: EventsContext;
  readonly leases: Leases;
  readonly fanOut: FanOut;
  readonly due: DueDeliveries;
  readonly record: AttemptRecord;
  readonly journal: AttemptJournal;
  readonly slots: AttemptSlots;
  readonly sender: Sends;
  /** The webhook as it is now, while the lease holds. */
  readonly leased: Prepared<{ id: string; owner: string }, WebhookRow>;
}

/** Attempts under way to one receiver. */
const MOST_AT_ONCE = 8;
/** Attempts after which others get their turn. */
const MOST_A_TURN = 2_000;

export function leasedWebhook({ storage: { build } }: EventsContext): CourierOffice["leased"] {
  return new Prepared(["id", "owner"], ({ id, owner }) =>
    build
      .selectFrom("webhooks")
      .selectAll()
      .where("id", "=", id)
      .where("lease_owner", "=", owner)
      .where("disabled_at", "is", null),
  );
}

/**
 * Delivers for one webhook, which is leased, until nothing is due. It goes on reading what is due while attempts are
 * under way, so that a slow one holds up none; what has ended is on record with the next commit.
 */
export class Courier {
  readonly #office: CourierOffice;
  readonly #webhookId: string;
  #isProbe: boolean;
  /** Messages that are under way, or not on record yet. */
  readonly #held = new Set<string>();
  #underWay = 0;
  #started = 0;
  #ended: Attempt[] = [];
  #isRecording = false;
  #isRung = false;
  #isStopped = false;
  #fault: unknown;
  #onChange: (() => void) | undefined;

  /** With `isProbe`, a receiver that fails, and has much to catch up with, is sent something new to see if it is back. */
  constructor(webhookId: string, office: CourierOffice, isProbe: boolean) {
    this.#webhookId = webhookId;
    this.#office = office;
    this.#isProbe = isProbe;
  }

  /** There may be something new. */
  ring(): void {
    this.#isRung = true;
    this.#onChange?.();
  }

  /** Begins no more attempts. */
  stop(): void {
    this.#isStopped = true;
    this.#onChange?.();
  }

  /** Resolves when all that was begun is on record, and the lease is given back: whether there may be more to do. */
  async run(): Promise<boolean> {
    const { leases } = this.#office;
    try {
      while (!this.#isStopped && this.#started < MOST_A_TURN && (await this.#round()));
    } catch (error) {
      this.#fail(error);
    }
    while (this.#held.size > 0) await this.#change();
    if (this.#fault !== undefined) throw this.#fault;
    await leases.release(this.#webhookId);
    return this.#isRung || this.#started >= MOST_A_TURN;
  }

  /** Whether to go on. */
  async #round(): Promise<boolean> {
    const { context, fanOut, due, leased } = this.#office;
    this.#isRung = false;
    const hadUnderWay = this.#held.size > 0;
    const [webhook] = await leased.rows(context.storage, { id: this.#webhookId, owner: context.instance });
    if (!webhook) return false;
    await fanOut.advance(webhook, this.#isProbe);
    this.#isProbe = false;
    // As of now: what is put on record while they are read may be among them as it was before.
    const letters = await due.read(webhook.id, context.clock(), new Set(this.#held));
    for (const letter of letters) await this.#begin(webhook, letter);
    if (letters.length > 0 || this.#isRung) return true;
    if (this.#held.size > 0) await this.#change();
    return hadUnderWay;
  }

  async #begin(webhook: WebhookRow, { delivery, body }: Letter): Promise<void> {
    const { context, record } = this.#office;
    if (body === undefined) {
      await context.storage.write([record.skipped(delivery, "what it tells of is kept no more", context.clock())]);
      return;
    }
    while (this.#underWay >= MOST_AT_ONCE && !this.#isStopped) await this.#change();
    if (!this.#isStopped) void this.#deliver(webhook, delivery, body);
  }

  async #deliver(webhook: WebhookRow, delivery: DeliveryRow, body: string): Promise<void> {
    this.#held.add(delivery.message_id);
    this.#underWay += 1;
    this.#started += 1;
    try {
      const attempt = await this.#attempt(webhook, delivery, body);
      if (attempt) this.#ended.push(attempt);
      else this.#held.delete(delivery.message_id);
      if (attempt?.result.isGone) this.stop();
    } catch (error) {
      this.#held.delete(delivery.message_id);
      this.#fail(error);
    }
    this.#underWay -= 1;
    this.#onChange?.();
    if (!this.#isRecording) await this.#recordEnded();
  }

  /** Undefined where it was stopped before there was a place. */
  async #attempt(webhook: WebhookRow, delivery: DeliveryRow, body: string): Promise<Attempt | undefined> {
    const { context, sender, slots } = this.#office;
    await slots.take();
    try {
      if (this.#isStopped) return undefined;
      const { url } = webhook;
      const at = context.clock();
      const headers = signedHeaders(webhookOf(webhook), delivery.message_id, body, at);
      return { delivery, url, at, result: await sender.send({ url, headers, body }) };
    } finally {
      slots.release();
    }
  }

  /** What ends while some are being put on record goes with the next commit. */
  async #recordEnded(): Promise<void> {
    this.#isRecording = true;
    while (this.#ended.length > 0) {
      const attempts = this.#ended.splice(0);
      try {
        const goesOn = await this.#office.journal.write(this.#webhookId, attempts);
        if (!goesOn) this.stop();
      } catch (error) {
        this.#fail(error);
      }
      // What could not be put on record is attempted again.
      for (const { delivery } of attempts) this.#held.delete(delivery.message_id);
      this.#onChange?.();
    }
    this.#isRecording = false;
  }

  #fail(error: unknown): void {
    this.#fault ??= error;
    this.stop();
  }

  /** Resolves when something has ended, is on record, or has come. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve;
    });
  }
}

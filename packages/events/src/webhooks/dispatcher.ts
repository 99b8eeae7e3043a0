import type { EventsContext } from "../context.ts";
import { AttemptJournal } from "./attempt-journal.ts";
import { AttemptRecord } from "./attempt-record.ts";
import { AttemptSlots } from "./attempt-slots.ts";
import { Courier, type CourierOffice, leasedWebhook, type Sends } from "./courier.ts";
import { DueDeliveries } from "./due-deliveries.ts";
import { FanOut } from "./fan-out.ts";
import { LEASE_MS, Leases } from "./lease.ts";
import { MOST_FOUND, WebhooksWithWork } from "./webhooks-with-work.ts";

const LOOK_EVERY_MS = 1_000;
/** How often a receiver that fails, and has much to catch up with, is sent something new to see if it is back. */
const PROBE_EVERY_MS = 60_000;
const RENEW_EVERY_MS = LEASE_MS / 3;
/** Attempts under way in this process. */
const MOST_AT_ONCE = 256;
/** Accounts that are looked at one by one: where there are more, one look at all is cheaper. */
const MOST_ACCOUNTS = 8;

interface Working {
  readonly courier: Courier;
  readonly done: Promise<void>;
}

/**
 * Sends couriers for webhooks that have something to be delivered, one for each. It looks when something was committed,
 * and by a timer: for what is due, for what other instances have left, and for what it was not told of.
 */
export class Dispatcher {
  readonly #context: EventsContext;
  readonly #office: CourierOffice;
  readonly #work: WebhooksWithWork;
  readonly #stops: readonly (() => void)[];
  readonly #couriers = new Map<string, Working>();
  /** Accounts to look at. */
  #rung = new Set<string>();
  #isLookDue = false;
  #isProbeDue = false;
  #looking: Promise<void> | undefined;
  /** Accounts that no webhook listens to: when they ring they are not looked at again before the timer. */
  readonly #quiet = new Set<string>();
  #isStopped = false;

  constructor(context: EventsContext, sender: Sends, random: () => number) {
    this.#context = context;
    const { storage, commits, every } = context;
    const leases = new Leases(context);
    const record = new AttemptRecord(storage, random);
    this.#office = {
      context,
      leases,
      fanOut: new FanOut(context, leases),
      due: new DueDeliveries(storage),
      record,
      journal: new AttemptJournal(context, leases, record),
      slots: new AttemptSlots(MOST_AT_ONCE),
      sender,
      leased: leasedWebhook(context),
    };
    this.#work = new WebhooksWithWork(context);
    this.#stops = [
      commits.onRing((accountId) => this.#ring(accountId)),
      every(LOOK_EVERY_MS, () => this.wake()),
      every(PROBE_EVERY_MS, () => this.#probe()),
      every(RENEW_EVERY_MS, () => this.#renew()),
    ];
  }

  /** Looks for work, of one account or of all. */
  wake(accountId?: string): void {
    if (accountId === undefined) {
      this.#quiet.clear();
      this.#isLookDue = true;
    } else {
      this.#quiet.delete(accountId);
      this.#rung.add(accountId);
    }
    this.#look();
  }

  /** Resolves when nothing that is due is left. */
  async settled(): Promise<void> {
    while (this.#looking || this.#couriers.size > 0) {
      await Promise.all([this.#looking, ...[...this.#couriers.values()].map(({ done }) => done)]);
    }
  }

  /** Begins no more attempts. */
  drain(): void {
    this.#isStopped = true;
    for (const stop of this.#stops) stop();
    for (const { courier } of this.#couriers.values()) courier.stop();
  }

  /** Resolves when the attempts under way have ended, and other instances may go on. */
  async close(): Promise<void> {
    this.drain();
    await this.settled();
  }

  /** Whose commit it was that another process made is not known: that process looks, or else the timer does. */
  #ring(accountId: string | undefined): void {
    if (accountId === undefined || this.#quiet.has(accountId)) return;
    this.#rung.add(accountId);
    this.#look();
  }

  #probe(): void {
    this.#isProbeDue = true;
    this.wake();
  }

  #renew(): void {
    if (this.#couriers.size === 0) return;
    this.#office.leases.renew().catch((error: unknown) => this.#note(error));
  }

  #look(): void {
    if (this.#isStopped) return;
    this.#looking ??= this.#lookUntilQuiet()
      .catch((error: unknown) => this.#note(error))
      .finally(() => {
        this.#looking = undefined;
        // What rang after the last look, and before this.
        if (this.#isLookDue || this.#rung.size > 0) this.#look();
      });
  }

  async #lookUntilQuiet(): Promise<void> {
    // What rings in this same turn of the event loop is looked at together.
    await null;
    while (!this.#isStopped && (this.#isLookDue || this.#rung.size > 0)) {
      const accounts = [...this.#rung];
      const isForAll = this.#isLookDue || accounts.length > MOST_ACCOUNTS;
      const isProbe = this.#isLookDue && this.#isProbeDue;
      this.#rung = new Set();
      this.#isLookDue = false;
      if (isProbe) this.#isProbeDue = false;
      if (isForAll) await this.#send(await this.#work.find(isProbe), isProbe);
      else for (const account of accounts) await this.#lookAt(account);
    }
  }

  async #lookAt(accountId: string): Promise<void> {
    const { isListening, webhookIds } = await this.#work.findOf(accountId);
    if (!isListening) this.#quiet.add(accountId);
    await this.#send(webhookIds, false);
  }

  async #send(webhookIds: readonly string[], isProbe: boolean): Promise<void> {
    for (const id of webhookIds) this.#couriers.get(id)?.courier.ring();
    const idle = webhookIds.filter((id) => !this.#couriers.has(id)).slice(0, MOST_FOUND - this.#couriers.size);
    if (idle.length === 0) return;
    for (const id of await this.#office.leases.claim(idle)) {
      const courier = new Courier(id, this.#office, isProbe);
      if (this.#isStopped) courier.stop();
      this.#couriers.set(id, { courier, done: this.#run(id, courier) });
    }
  }

  async #run(id: string, courier: Courier): Promise<void> {
    const isFull = (): boolean => this.#couriers.size >= MOST_FOUND;
    try {
      const hasMore = await courier.run();
      if (hasMore || isFull()) this.#isLookDue = true;
    } catch (error) {
      this.#note(error);
    }
    this.#couriers.delete(id);
    if (this.#isLookDue) this.#look();
  }

  /** What failed is tried again with the timer's next look. */
  #note(error: unknown): void {
    this.#context.log.error("webhook-deliveries-failed", { error: String(error) });
  }
}

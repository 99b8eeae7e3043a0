import { type AuditRow, Prepared, type SettingRow } from "@headgate/storage";
import { sql } from "kysely";
import type { EventsContext } from "../context.ts";
import type { Outbox } from "./outbox.ts";

const SETTING = "events-audit-seq";
const LOOK_EVERY_MS = 1_000;
const ENTRIES_AT_A_TIME = 200;

type Entry = Pick<AuditRow, "seq" | "action" | "after">;

/** A suspension as the audit has it: as the admin API shows it. */
interface SuspensionEntry {
  readonly id: string;
  readonly caller: string;
  readonly value: string;
  readonly reason: string;
  readonly ends_at: string | null;
  readonly created_at: string;
}

/**
 * Tells webhooks of suspended accounts. Whoever suspends them, the audit knows: this goes along it, and moves on with the
 * same commit that puts the messages on record, so that of several instances one announces each suspension.
 */
export class AuditFollower {
  readonly #context: EventsContext;
  readonly #outbox: Outbox;
  readonly #begin: Prepared<{ name: string }>;
  readonly #place: Prepared<{ name: string }, Pick<SettingRow, "value">>;
  readonly #entries: Prepared<{ after: number }, Entry>;
  readonly #move: Prepared<{ name: string; before: string; value: string }>;
  readonly #stopTimer: () => void;
  #following: Promise<void> | undefined;
  /** Where it was when it last looked: in step with the setting, unless another instance has gone on. */
  #at: number | undefined;
  #isClosed = false;

  constructor(context: EventsContext, outbox: Outbox) {
    this.#context = context;
    this.#outbox = outbox;
    const { build } = context.storage;
    // Nobody wants to be told of what was before there was anybody to be told.
    this.#begin = new Prepared(["name"], ({ name }) =>
      build
        .insertInto("settings")
        .columns(["name", "value"])
        .expression(({ selectFrom }) =>
          selectFrom("audit_head")
            .select([sql<string>`cast(${name} as text)`.as("name"), sql<string>`cast(seq as text)`.as("value")])
            .where(sql<boolean>`true`),
        )
        .onConflict((on) => on.column("name").doNothing()),
    );
    this.#place = new Prepared(["name"], ({ name }) =>
      build.selectFrom("settings").select("value").where("name", "=", name),
    );
    this.#entries = new Prepared(["after"], ({ after }) =>
      build
        .selectFrom("audit")
        .select(["seq", "action", "after"])
        .where("seq", ">", after)
        .orderBy("seq")
        .limit(ENTRIES_AT_A_TIME),
    );
    this.#move = new Prepared(["name", "before", "value"], ({ name, before, value }) =>
      build.updateTable("settings").set({ value }).where("name", "=", name).where("value", "=", before),
    );
    this.#stopTimer = context.every(LOOK_EVERY_MS, () => this.wake());
    this.wake();
  }

  /** Looks for new entries, unless that is under way. */
  wake(): void {
    if (this.#isClosed) return;
    this.#following ??= this.#follow()
      .catch((error: unknown) => this.#context.log.error("webhook-audit-failed", { error: String(error) }))
      .finally(() => {
        this.#following = undefined;
      });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#following;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer();
    await this.settled();
  }

  async #follow(): Promise<void> {
    const { storage } = this.#context;
    this.#at ??= await this.#readPlace();
    while (!this.#isClosed) {
      const entries = await this.#entries.rows(storage, { after: this.#at });
      const last = entries.at(-1);
      if (!last) return;
      const isMoved = await this.#announce(entries, this.#at, last.seq);
      this.#at = isMoved ? last.seq : await this.#readPlace();
    }
  }

  /** Whether it was this instance that announced what is in these entries. */
  async #announce(entries: readonly Entry[], before: number, last: number): Promise<boolean> {
    const { storage, commits, clock, newId } = this.#context;
    const now = clock();
    const suspensions = entries.filter(({ action }) => action === "suspension.started").map(suspensionOf);
    const ofAccounts = suspensions.filter(({ caller }) => caller === "account");
    const messages = ofAccounts.flatMap((suspension) => {
      const { id, value, reason, ends_at, created_at } = suspension;
      const data = { id, account_id: value, reason, ends_at, created_at };
      const message = { id: newId("message", now), accountId: value, type: "account.suspended", data } as const;
      return this.#outbox.statements(message, now);
    });
    const move = { name: SETTING, before: String(before), value: String(last) };
    const { unmet } = await storage.write([
      this.#move.statement(move, { rows: 1, name: "events-audit-place" }),
      ...messages,
    ]);
    if (unmet !== undefined) return false;
    for (const { value } of ofAccounts) commits.ring(value);
    return true;
  }

  /** The audit's head, where there is no place yet. */
  async #readPlace(): Promise<number> {
    const { storage } = this.#context;
    const known = await this.#place.rows(storage, { name: SETTING });
    if (known.length > 0) return Number(known[0]?.value);
    await storage.write([this.#begin.statement({ name: SETTING })]);
    const [begun] = await this.#place.rows(storage, { name: SETTING });
    return Number(begun?.value);
  }
}

function suspensionOf({ after }: Entry): SuspensionEntry {
  return JSON.parse(String(after)) as SuspensionEntry;
}

import { Prepared, type Statement, type Storage, type WebhookRow } from "@headgate/storage";
import { type RawBuilder, sql } from "kysely";
import type { EventsContext } from "../context.ts";

/** How long a webhook stays an instance's that does not speak up for it again. Longer than an attempt may take. */
export const LEASE_MS = 30_000;
/** What a transaction finds that is no longer entitled to deliver: another instance is, or the webhook is gone. */
const LEASE_LOST = "webhook-lease";

interface Input {
  readonly id: string;
  readonly owner: string;
  readonly now: number;
  readonly until: number;
}

/**
 * Who delivers for which webhook. An instance that dies says no more, its leases run out, and others take over: what it
 * had under way is then sent twice, never not at all. SQLite's file is this process's alone, so nobody's lease counts.
 */
export class Leases {
  readonly #storage: Storage;
  readonly #owner: string;
  readonly #clock: () => number;
  readonly #claim: Prepared<Input, Pick<WebhookRow, "id">>;
  readonly #fence: Prepared<Input>;
  readonly #renew: Prepared<Input>;
  readonly #release: Prepared<Input>;

  constructor({ storage, instance, clock }: EventsContext) {
    this.#storage = storage;
    this.#owner = instance;
    this.#clock = clock;
    const { build, dialect } = storage;
    this.#claim = new Prepared(["id", "owner", "now", "until"], ({ id, owner, now, until }) => {
      const free = build
        .selectFrom("webhooks")
        .select("id")
        .where("id", "=", id)
        .where("disabled_at", "is", null)
        .where(isFree(dialect, owner, now));
      return build
        .updateTable("webhooks")
        .set({ lease_owner: owner, lease_until: until })
        .where("id", "in", dialect === "postgres" ? free.forUpdate().skipLocked() : free)
        .returning("id");
    });
    this.#fence = new Prepared(["id", "owner", "until"], ({ id, owner, until }) =>
      build.updateTable("webhooks").set({ lease_until: until }).where("id", "=", id).where("lease_owner", "=", owner),
    );
    this.#renew = new Prepared(["owner", "until"], ({ owner, until }) =>
      build.updateTable("webhooks").set({ lease_until: until }).where("lease_owner", "=", owner),
    );
    // When it was let go of stays: those that have waited longest come first.
    this.#release = new Prepared(["id", "owner", "now"], ({ id, owner, now }) =>
      build
        .updateTable("webhooks")
        .set({ lease_owner: null, lease_until: now })
        .where("id", "=", id)
        .where("lease_owner", "=", owner),
    );
  }

  /** Takes those of them that are free, and says which. Rejects with `HG_STORAGE_…`. */
  async claim(ids: readonly string[]): Promise<string[]> {
    const { results } = await this.#storage.write([this.#claim.statementForEach(ids.map((id) => this.#input(id)))]);
    return (results[0]?.rows ?? []).map((row) => String(row.id));
  }

  /** Makes a transaction hold only while the lease does, and renews it. */
  fence(id: string): Statement {
    return this.#fence.statement(this.#input(id), { rows: 1, name: LEASE_LOST });
  }

  /** Renews all of this instance's. */
  async renew(): Promise<void> {
    await this.#storage.write([this.#renew.statement(this.#input(""))]);
  }

  async release(id: string): Promise<void> {
    await this.#storage.write([this.#release.statement(this.#input(id))]);
  }

  #input(id: string): Input {
    const now = this.#clock();
    return { id, owner: this.#owner, now, until: now + LEASE_MS };
  }
}

/** That a webhook may be taken by an instance. */
export function isFree(dialect: Storage["dialect"], owner: string, now: number): RawBuilder<boolean> {
  return dialect === "sqlite"
    ? sql<boolean>`true`
    : sql<boolean>`(lease_owner is null or lease_owner = ${owner} or lease_until <= ${now})`;
}

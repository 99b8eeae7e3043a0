import { type ExportRow, Prepared, type Statement, type Storage } from "@headgate/storage";
import { sql } from "kysely";
import type { EventsContext } from "../context.ts";
import type { ExportProgress } from "./export-content.ts";

/** How long an export stays an instance's that takes no more note of its progress. */
const LEASE_MS = 60_000;
/** What a transaction finds whose instance works on the export no more: another one does, or it is gone. */
const LEASE_LOST = "export-lease";

interface Update extends ExportProgress {
  readonly id: string;
  readonly owner: string;
  readonly now: number;
  readonly until: number;
}

interface Outcome extends Update {
  readonly state: "completed" | "failed" | "queued";
  readonly error: string | null;
  readonly completed_at: number | null;
  readonly expires_at: number;
}

/**
 * Who works on which export. An instance that dies takes no more note of its progress, its lease runs
 * out, and another goes on. SQLite's file is this process's alone, so nobody's lease counts there.
 */
export class ExportLeases {
  readonly #storage: Storage;
  readonly #owner: string;
  readonly #claim: Prepared<{ owner: string; now: number; until: number }, ExportRow>;
  readonly #progress: Prepared<Update>;
  readonly #end: Prepared<Outcome>;

  constructor({ storage, instance }: EventsContext) {
    this.#storage = storage;
    this.#owner = instance;
    const { build, dialect } = storage;
    this.#claim = new Prepared(["owner", "now", "until"], ({ owner, now, until }) => {
      const isFree =
        dialect === "sqlite" ? sql<boolean>`true` : sql<boolean>`(lease_owner = ${owner} or lease_until <= ${now})`;
      const next = build
        .selectFrom("exports")
        .select("id")
        .where("state", "in", ["queued", "running"])
        .where(isFree)
        .orderBy("id")
        .limit(1);
      return build
        .updateTable("exports")
        .set({ state: "running", lease_owner: owner, lease_until: until, updated_at: now })
        .where("id", "in", dialect === "postgres" ? next.forUpdate().skipLocked() : next)
        .returningAll();
    });
    this.#progress = new Prepared(
      ["id", "owner", "now", "until", "at_seq", "events", "bytes"],
      ({ id, owner, now, until, at_seq, events, bytes }) =>
        build
          .updateTable("exports")
          .set({ at_seq, events, bytes, lease_until: until, updated_at: now })
          .where("id", "=", id)
          .where("lease_owner", "=", owner),
    );
    this.#end = new Prepared(
      [
        ...(["id", "owner", "now", "until", "at_seq", "events", "bytes"] as const),
        ...(["state", "error", "completed_at", "expires_at"] as const),
      ],
      ({ id, owner, now, until, ...outcome }) =>
        build
          .updateTable("exports")
          .set({ ...outcome, lease_owner: null, lease_until: until, updated_at: now })
          .where("id", "=", id)
          .where("lease_owner", "=", owner),
    );
  }

  /** Takes the next export that nobody works on. */
  async claim(now: number): Promise<ExportRow | undefined> {
    const input = { owner: this.#owner, now, until: now + LEASE_MS };
    const { results } = await this.#storage.write([this.#claim.statement(input)]);
    return results[0]?.rows[0] as unknown as ExportRow | undefined;
  }

  /** Takes note of progress, and keeps the export this instance's. False where it is that no more. */
  async note(id: string, progress: ExportProgress, now: number): Promise<boolean> {
    const update = { ...this.#update(id, progress, now), until: now + LEASE_MS };
    const statement = this.#progress.statement(update, { rows: 1, name: LEASE_LOST });
    return (await this.#storage.write([statement])).unmet === undefined;
  }

  /** Ends the work on an export, together with other statements. False where it is this instance's no more. */
  async end(row: ExportRow, now: number, others: readonly Statement[] = []): Promise<boolean> {
    const { state, error, completed_at, expires_at } = row;
    const outcome = { state: state as Outcome["state"], error, completed_at, expires_at };
    const update = { ...this.#update(row.id, row, now), ...outcome };
    const statement = this.#end.statement(update, { rows: 1, name: LEASE_LOST });
    return (await this.#storage.write([statement, ...others])).unmet === undefined;
  }

  #update(id: string, { at_seq, events, bytes }: ExportProgress, now: number): Update {
    return { id, owner: this.#owner, now, until: now, at_seq, events, bytes };
  }
}

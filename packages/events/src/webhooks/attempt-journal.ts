import { Prepared, type StatementResult } from "@headgate/storage";
import { sql } from "kysely";
import type { EventsContext } from "../context.ts";
import type { Attempt, AttemptRecord } from "./attempt-record.ts";
import type { Leases } from "./lease.ts";

/** A receiver that has taken nothing for so long is sent nothing more. */
const LONGEST_FAILING_MS = 5 * 24 * 60 * 60 * 1_000;

interface Failure {
  readonly id: string;
  readonly at: number;
}

interface Disabling {
  readonly id: string;
  /** Where the attempt went: the owner may have named another receiver meanwhile. */
  readonly url: string;
  readonly reason: "gone" | "failing";
  readonly now: number;
  /** Only if it has failed since then, or longer. */
  readonly since: number;
}

/** Puts attempts on record, for any webhook. What fails for too long, or is gone, is disabled with the same commit. */
export class AttemptJournal {
  readonly #context: EventsContext;
  readonly #leases: Leases;
  readonly #record: AttemptRecord;
  readonly #noteSuccess: Prepared<{ id: string }>;
  readonly #noteFailure: Prepared<Failure>;
  readonly #disable: Prepared<Disabling>;

  constructor(context: EventsContext, leases: Leases, record: AttemptRecord) {
    this.#context = context;
    this.#leases = leases;
    this.#record = record;
    const { build } = context.storage;
    this.#noteSuccess = new Prepared(["id"], ({ id }) =>
      build
        .updateTable("webhooks")
        .set({ failing_since: null })
        .where("id", "=", id)
        .where("failing_since", "is not", null),
    );
    this.#noteFailure = new Prepared(["id", "at"], ({ id, at }) =>
      build.updateTable("webhooks").set({ failing_since: at }).where("id", "=", id).where("failing_since", "is", null),
    );
    // It is not failing any more when it is enabled again.
    this.#disable = new Prepared(["id", "url", "reason", "now", "since"], ({ id, url, reason, now, since }) =>
      build
        .updateTable("webhooks")
        .set({
          disabled_at: now,
          disabled_reason: reason,
          failing_since: null,
          version: sql`version + 1`,
          updated_at: now,
        })
        .where("id", "=", id)
        .where("url", "=", url)
        .where("disabled_at", "is", null)
        .where("failing_since", "<=", since),
    );
  }

  /**
   * Puts a webhook's attempts on record, all with one commit. Whether to go on with it: not where it is disabled now, or
   * another instance's. Rejects with `HG_STORAGE_…`.
   */
  async write(webhookId: string, attempts: readonly Attempt[]): Promise<boolean> {
    const now = this.#context.clock();
    const health = this.#healthStatements(webhookId, attempts, now);
    const { unmet, results } = await this.#context.storage.write([
      this.#leases.fence(webhookId),
      ...health.statements,
      ...this.#record.attempted(attempts, now),
      ...(health.reason === "gone" ? [this.#record.allSkipped(webhookId, "the receiver answered 410", now)] : []),
    ]);
    if (unmet !== undefined) return false;
    const { changes } = results[health.statements.length] as StatementResult;
    if (health.reason === undefined || changes === 0) return true;
    await this.#tellOwner(webhookId, health.reason);
    return false;
  }

  /** The last of the statements disables the webhook, if there is a reason to. */
  #healthStatements(id: string, attempts: readonly Attempt[], now: number) {
    const gone = attempts.find(({ result }) => result.isGone);
    const failed = attempts.find(({ result }) => !result.ok);
    if (!gone && (!failed || attempts.some(({ result }) => result.ok))) {
      return { statements: [this.#noteSuccess.statement({ id })], reason: undefined };
    }
    const { at, url } = (gone ?? failed) as Attempt;
    const reason: "gone" | "failing" = gone ? "gone" : "failing";
    const since = gone ? now : now - LONGEST_FAILING_MS;
    const statements = [
      this.#noteFailure.statement({ id, at }),
      this.#disable.statement({ id, url, reason, now, since }),
    ];
    return { statements, reason };
  }

  async #tellOwner(id: string, reason: "gone" | "failing"): Promise<void> {
    this.#context.log.warn("webhook-disabled", { webhook: id, reason });
    const subject = { type: "webhook", id };
    await this.#context.control.audit.note({ action: "webhook.disabled", subject, after: { reason } }, "events");
  }
}

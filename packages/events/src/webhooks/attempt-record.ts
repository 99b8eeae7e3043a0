import { type DeliveryAttemptRow, type DeliveryRow, Prepared, type Statement, type Storage } from "@headgate/storage";
import { sql } from "kysely";
import { PENDING } from "./fan-out.ts";
import { nextAttemptAt } from "./schedule.ts";
import type { AttemptResult } from "./sender.ts";

/** One try to deliver, and what became of it. */
export interface Attempt {
  readonly delivery: DeliveryRow;
  readonly url: string;
  /** When it began: epoch ms. */
  readonly at: number;
  readonly result: AttemptResult;
}

type Id = Pick<DeliveryRow, "webhook_id" | "message_id">;
type Ended = Id & Pick<DeliveryRow, "state" | "finished_at" | "reason">;
type Failed = Id & Pick<DeliveryRow, "state" | "failures" | "due_at" | "finished_at">;

/** The statements that put attempts on record, and say what is next for their deliveries. */
export class AttemptRecord {
  readonly #random: () => number;
  readonly #count: Prepared<Id>;
  readonly #add: Prepared<Omit<DeliveryAttemptRow, "number">>;
  readonly #deliver: Prepared<Ended>;
  readonly #fail: Prepared<Failed>;
  readonly #skip: Prepared<Ended>;
  readonly #skipAll: Prepared<Omit<Ended, "message_id">>;

  /** `random` gives numbers from 0 up to, not including, 1. */
  constructor({ build }: Storage, random: () => number) {
    this.#random = random;
    const update = ({ webhook_id, message_id }: Id) =>
      build.updateTable("deliveries").where("webhook_id", "=", webhook_id).where("message_id", "=", message_id);
    this.#count = new Prepared(["webhook_id", "message_id"], (id) =>
      update(id).set(({ eb }) => ({ attempts: eb("attempts", "+", 1) })),
    );
    // Numbered by the delivery's own count, whatever was done to it since it was read.
    this.#add = new Prepared(
      ["webhook_id", "message_id", "at", "duration_ms", "status", "error", "response"],
      ({ webhook_id, message_id, at, duration_ms, status, error, response }) =>
        build
          .insertInto("delivery_attempts")
          .columns(["webhook_id", "message_id", "number", "at", "duration_ms", "status", "error", "response"])
          .expression(({ selectFrom }) =>
            selectFrom("deliveries")
              .select([
                "webhook_id",
                "message_id",
                "attempts as number",
                sql<number>`cast(${at} as bigint)`.as("at"),
                sql<number>`cast(${duration_ms} as bigint)`.as("duration_ms"),
                sql<number | null>`cast(${status} as bigint)`.as("status"),
                sql<string | null>`cast(${error} as text)`.as("error"),
                sql<string | null>`cast(${response} as text)`.as("response"),
              ])
              .where("webhook_id", "=", webhook_id)
              .where("message_id", "=", message_id),
          ),
    );
    this.#deliver = new Prepared(["webhook_id", "message_id", "state", "finished_at", "reason"], (ended) =>
      update(ended).set({ state: ended.state, finished_at: ended.finished_at, reason: ended.reason }),
    );
    // Not where it was skipped while the attempt was under way, or asked for again.
    this.#fail = new Prepared(["webhook_id", "message_id", "state", "failures", "due_at", "finished_at"], (failed) =>
      update(failed)
        .set({
          state: failed.state,
          failures: sql`failures + 1`,
          due_at: failed.due_at,
          finished_at: failed.finished_at,
        })
        .where("failures", "=", failed.failures)
        .where(PENDING),
    );
    this.#skip = new Prepared(["webhook_id", "message_id", "state", "finished_at", "reason"], (ended) =>
      update(ended).set({ state: ended.state, finished_at: ended.finished_at, reason: ended.reason }).where(PENDING),
    );
    this.#skipAll = new Prepared(["webhook_id", "state", "finished_at", "reason"], (ended) =>
      build
        .updateTable("deliveries")
        .set({ state: ended.state, finished_at: ended.finished_at, reason: ended.reason })
        .where("webhook_id", "=", ended.webhook_id)
        .where(PENDING)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom("webhooks")
              .select("id")
              .where("id", "=", ended.webhook_id)
              .where("disabled_reason", "=", sql.lit("gone")),
          ),
        ),
    );
  }

  /** `now` is epoch ms, when these attempts had ended. */
  attempted(attempts: readonly Attempt[], now: number): Statement[] {
    const delivered = attempts.filter(({ result }) => result.ok);
    const failed = attempts.filter(({ result }) => !result.ok);
    const end = { state: "delivered", finished_at: now, reason: null } as const;
    return [
      this.#count.statementForEach(attempts.map(({ delivery }) => idOf(delivery))),
      this.#add.statementForEach(attempts.map(rowOf)),
      this.#deliver.statementForEach(delivered.map(({ delivery }) => ({ ...idOf(delivery), ...end }))),
      this.#fail.statementForEach(failed.map((attempt) => this.#failedOf(attempt, now))),
    ].filter(({ rows }) => rows?.length !== 0);
  }

  /** Ends a delivery without an attempt. The reason is in words. */
  skipped(delivery: DeliveryRow, reason: string, now: number): Statement {
    return this.#skip.statement({ ...idOf(delivery), state: "skipped", finished_at: now, reason });
  }

  /** Ends all that are pending of a webhook that is disabled because its receiver is gone. */
  allSkipped(webhookId: string, reason: string, now: number): Statement {
    return this.#skipAll.statement({ webhook_id: webhookId, state: "skipped", finished_at: now, reason });
  }

  #failedOf({ delivery, result }: Attempt, now: number): Failed {
    const next = nextAttemptAt(delivery.failures + 1, now, result.retryAfterMs, this.#random);
    return {
      ...idOf(delivery),
      failures: delivery.failures,
      state: next === undefined ? "failed" : "pending",
      due_at: next ?? now,
      finished_at: next === undefined ? now : null,
    };
  }
}

function idOf({ webhook_id, message_id }: DeliveryRow): Id {
  return { webhook_id, message_id };
}

function rowOf({ delivery, at, result }: Attempt): Omit<DeliveryAttemptRow, "number"> {
  const { status = null, error = null, response = null, durationMs } = result;
  return { ...idOf(delivery), at, duration_ms: Math.round(durationMs), status, error, response };
}

import { type DeliveryRow, type EventRow, Prepared, type Statement, type WebhookRow } from "@headgate/storage";
import { sql } from "kysely";
import type { EventsContext } from "../context.ts";
import { ID_PREFIXES } from "../id.ts";

/** A group has at most so many events, and about so many bytes. */
const MOST_GROUPED = 100;
const MOST_GROUPED_BYTES = 256 * 1024;
/** What an event's JSON takes besides its metadata, about. */
const BYTES_BESIDE_METADATA = 500;
/** Events looked at for groups at a time. */
const MOST_LOOKED_AT = 20 * MOST_GROUPED;

/** Events of a webhook's account: those after one number, up to another. */
export interface Range {
  readonly after: number;
  readonly upto: number;
}

/** Deliveries to be, and the number up to which events have theirs then. */
export interface MadeDeliveries {
  readonly upto: number;
  readonly statements: readonly Statement[];
}

type Span = { readonly webhook_id: string; readonly account_id: string; readonly now: number } & Range;
type Group = Pick<
  DeliveryRow,
  "webhook_id" | "message_id" | "account_id" | "first_seq" | "last_seq" | "due_at" | "created_at"
>;
type Size = Pick<EventRow, "seq"> & { readonly bytes: number };

/** Makes deliveries of events: of each, or of groups for webhooks that take those. */
export class EventDeliveries {
  readonly #context: EventsContext;
  readonly #addEach: Prepared<Span>;
  readonly #addGroup: Prepared<Group>;
  readonly #sizes: Prepared<{ account_id: string } & Range, Size>;

  constructor(context: EventsContext) {
    this.#context = context;
    const { build } = context.storage;
    // No event passes through this process. One that is told of again has its delivery again, which starts anew.
    this.#addEach = new Prepared(
      ["webhook_id", "account_id", "after", "upto", "now"],
      ({ webhook_id, account_id, after, upto, now }) =>
        build
          .insertInto("deliveries")
          .columns(COLUMNS)
          .expression(({ selectFrom }) =>
            selectFrom("events")
              .select([
                sql<string>`cast(${webhook_id} as text)`.as("webhook_id"),
                sql<string>`${sql.lit(ID_PREFIXES.message)} || substr(id, ${sql.lit(ID_PREFIXES.event.length + 1)})`.as(
                  "message_id",
                ),
                "account_id",
                "seq as first_seq",
                "seq as last_seq",
                sql<number>`cast(${now} as bigint)`.as("due_at"),
                sql<number>`cast(${now} as bigint)`.as("created_at"),
                ...NEW,
              ])
              .where("account_id", "=", account_id)
              .where("seq", ">", after)
              .where("seq", "<=", upto),
          )
          .onConflict((on) =>
            on.columns(["webhook_id", "message_id"]).doUpdateSet(({ ref }) => ({
              state: "pending" as const,
              failures: 0,
              due_at: ref("excluded.due_at"),
              finished_at: null,
              reason: null,
            })),
          ),
    );
    this.#addGroup = new Prepared(
      ["webhook_id", "message_id", "account_id", "first_seq", "last_seq", "due_at", "created_at"],
      (group) =>
        build
          .insertInto("deliveries")
          .values({ ...group, type: "event.created", state: "pending", attempts: 0, failures: 0 } as DeliveryRow),
    );
    this.#sizes = new Prepared(["account_id", "after", "upto"], ({ account_id, after, upto }) =>
      build
        .selectFrom("events")
        .select(["seq", sql<number>`coalesce(octet_length(metadata), 0)`.as("bytes")])
        .where("account_id", "=", account_id)
        .where("seq", ">", after)
        .where("seq", "<=", upto)
        .orderBy("seq"),
    );
  }

  /** As many as there is room for, of the first events in a range. */
  async make(webhook: WebhookRow, range: Range, room: number): Promise<MadeDeliveries> {
    return webhook.is_batch ? this.#makeGroups(webhook, range, room) : this.#makeEach(webhook, range, room);
  }

  #makeEach({ id: webhook_id, account_id }: WebhookRow, { after, upto }: Range, room: number): MadeDeliveries {
    const reach = Math.min(upto, after + room);
    const span = { webhook_id, account_id, after, upto: reach, now: this.#context.clock() };
    return { upto: reach, statements: [this.#addEach.statement(span)] };
  }

  async #makeGroups({ id, account_id }: WebhookRow, { after, upto }: Range, room: number): Promise<MadeDeliveries> {
    const { storage, clock, newId } = this.#context;
    const reach = Math.min(upto, after + MOST_LOOKED_AT);
    const sizes = await this.#sizes.rows(storage, { account_id, after, upto: reach });
    const groups = grouped(sizes).slice(0, room);
    const last = groups.at(-1);
    if (!last) return { upto: reach, statements: [] };
    const now = clock();
    const rows = groups.map(
      ({ first, last }): Group => ({
        webhook_id: id,
        // Of its own: an id says for ever what is in it, and what is grouped again may be grouped otherwise.
        message_id: newId("message", now),
        account_id,
        first_seq: first,
        last_seq: last,
        due_at: now,
        created_at: now,
      }),
    );
    return { upto: last.last, statements: [this.#addGroup.statementForEach(rows)] };
  }
}

const NEW = [
  sql.lit("event.created").as("type"),
  sql.lit("pending").as("state"),
  sql.lit(0).as("attempts"),
  sql.lit(0).as("failures"),
] as const;

const COLUMNS = [
  ...(["webhook_id", "message_id", "account_id", "first_seq", "last_seq", "due_at", "created_at"] as const),
  ...(["type", "state", "attempts", "failures"] as const),
];

function grouped(sizes: readonly Size[]): { readonly first: number; readonly last: number }[] {
  const groups: { first: number; last: number }[] = [];
  let room = 0;
  for (const { seq, bytes } of sizes) {
    const needed = bytes + BYTES_BESIDE_METADATA;
    const group = groups.at(-1);
    if (group && needed <= room && seq - group.first < MOST_GROUPED && seq === group.last + 1) {
      group.last = seq;
      room -= needed;
    } else {
      groups.push({ first: seq, last: seq });
      room = MOST_GROUPED_BYTES - needed;
    }
  }
  return groups;
}

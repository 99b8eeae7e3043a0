import { Prepared, type Statement, type WebhookMessageRow } from "@headgate/storage";
import { type RawBuilder, sql } from "kysely";
import type { EventsContext } from "../context.ts";
import { messageBody } from "./message-body.ts";
import type { MessageType } from "./webhook.ts";

/** What webhooks are told of besides events, which need no outbox: the log is theirs. */
export type AnnouncedType = Exclude<MessageType, "event.created">;

/** Puts messages on record for those webhooks of an account that want them. */
export class Outbox {
  readonly #add: Prepared<WebhookMessageRow>;
  readonly #address: Prepared<WebhookMessageRow>;

  constructor({ storage: { build } }: Pick<EventsContext, "storage">) {
    const wanting = ({ account_id, type }: WebhookMessageRow) =>
      build
        .selectFrom("webhooks")
        .where("account_id", "=", account_id)
        .where("disabled_at", "is", null)
        .where(wants(type));
    this.#add = new Prepared(["id", "account_id", "type", "payload", "created_at"], (row) =>
      build
        .insertInto("webhook_messages")
        .columns(["id", "account_id", "type", "payload", "created_at"])
        .expression(({ selectFrom, exists }) =>
          selectFrom(sql`(select 1 as one)`.as("it"))
            .select([
              text(row.id).as("id"),
              text(row.account_id).as("account_id"),
              text(row.type).as("type"),
              text(row.payload).as("payload"),
              integer(row.created_at).as("created_at"),
            ])
            .where(exists(wanting(row).select("id"))),
        ),
    );
    this.#address = new Prepared(["id", "account_id", "type", "created_at"], (row) =>
      build
        .insertInto("deliveries")
        .columns([
          ...["webhook_id", "message_id", "account_id", "type", "state"],
          ...["attempts", "failures", "due_at", "created_at"],
        ] as never[])
        .expression(
          wanting(row).select([
            "id as webhook_id",
            text(row.id).as("message_id"),
            "account_id",
            text(row.type).as("type"),
            sql.lit("pending").as("state"),
            sql.lit(0).as("attempts"),
            sql.lit(0).as("failures"),
            integer(row.created_at).as("due_at"),
            integer(row.created_at).as("created_at"),
          ]),
        ),
    );
  }

  /**
   * Statements that put a message on record, to go with what it tells of in one transaction. Where no webhook wants it
   * they do nothing. `now` is epoch ms; ring the commit signal afterwards.
   */
  statements(
    message: { readonly id: string; readonly accountId: string; readonly type: AnnouncedType; readonly data: object },
    now: number,
  ): readonly Statement[] {
    const { id, accountId, type, data } = message;
    const payload = messageBody(type, now, JSON.stringify(data));
    const row = { id, account_id: accountId, type, payload, created_at: now };
    return [this.#add.statement(row), this.#address.statement(row)];
  }
}

/** That a webhook is told of this type. */
export function wants(type: string): RawBuilder<boolean> {
  return sql<boolean>`types like '%"' || ${type} || '"%'`;
}

/** PostgreSQL takes a parameter among what is selected for text, unless it is told. */
function text(value: string): RawBuilder<string> {
  return sql<string>`cast(${value} as text)`;
}

function integer(value: number): RawBuilder<number> {
  return sql<number>`cast(${value} as bigint)`;
}

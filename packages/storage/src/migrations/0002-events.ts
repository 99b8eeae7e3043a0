import { type CreateTableBuilder, type Kysely, type RawBuilder, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { SchemaDialect } from "../schema-dialect.ts";

/** Events and their chains, what makes writing them idempotent, webhooks and their deliveries, exports, widgets' bounds. */
export function events(dialect: SchemaDialect): Migration {
  return {
    async up(db: Kysely<never>): Promise<void> {
      const { text, integer } = dialect;

      await table("event_heads", ["account_id"])
        .addColumn("account_id", text, required)
        .addColumn("seq", integer, required)
        .addColumn("hash", text, required)
        .addColumn("pruned_seq", integer, required)
        .addColumn("pruned_hash", text, required)
        .execute();

      // By account and number only: an index in another order than that of writing has every event touch other pages
      // (docs/decisions/0008).
      await table("events", ["account_id", "seq"])
        .addColumn("account_id", text, required)
        .addColumn("seq", integer, required)
        .addColumn("id", text, (column) => column.notNull().unique())
        .addColumn("type", text, required)
        .addColumn("actor_id", text)
        .addColumn("actor_name", text)
        .addColumn("target_id", text)
        .addColumn("target_type", text)
        .addColumn("target_name", text)
        .addColumn("time", integer, required)
        .addColumn("received_at", integer, required)
        .addColumn("metadata", text)
        .addColumn("hash", text, required)
        .execute();

      await table("event_keys", ["account_id", "key"])
        .addColumn("account_id", text, required)
        .addColumn("key", text, required)
        .addColumn("event_id", text, required)
        .addColumn("fingerprint", text, required)
        .addColumn("expires_at", integer, required)
        .execute();
      await index("event_keys_by_end", "event_keys", ["expires_at"]);

      await table("idempotency_keys", ["account_id", "key_id", "key"])
        .addColumn("account_id", text, required)
        .addColumn("key_id", text, required)
        .addColumn("key", text, required)
        .addColumn("fingerprint", text, required)
        .addColumn("status", integer, required)
        .addColumn("answer", text, required)
        .addColumn("expires_at", integer, required)
        .execute();
      await index("idempotency_keys_by_end", "idempotency_keys", ["expires_at"]);

      await table("buckets", ["account_id", "key"])
        .addColumn("account_id", text, required)
        .addColumn("key", text, required)
        .addColumn("name", text, required)
        .addColumn("created_at", integer, required)
        .execute();

      await table("webhooks", ["id"])
        .addColumn("id", text, required)
        .addColumn("account_id", text, (column) => column.notNull().references("accounts.id"))
        .addColumn("url", text, required)
        .addColumn("types", text, required)
        .addColumn("is_batch", integer, (column) => column.notNull().check(sql`is_batch in (0, 1)`))
        .addColumn("description", text)
        .addColumn("secret", text, required)
        .addColumn("previous_secret", text)
        .addColumn("previous_until", integer)
        .addColumn("disabled_at", integer)
        .addColumn("disabled_reason", text, (column) =>
          column.check(oneOf("disabled_reason", "owner", "operator", "gone", "failing")),
        )
        .addColumn("failing_since", integer)
        .addColumn("cursor_seq", integer, required)
        .addColumn("lease_owner", text)
        .addColumn("lease_until", integer, required)
        .addColumn("version", integer, (column) => column.notNull().check(sql`version >= 1`))
        .addColumn("created_at", integer, required)
        .addColumn("updated_at", integer, required)
        .execute();
      await index("webhooks_by_account", "webhooks", ["account_id", "id"]);

      await table("webhook_messages", ["id"])
        .addColumn("id", text, required)
        .addColumn("account_id", text, required)
        .addColumn("type", text, required)
        .addColumn("payload", text, required)
        .addColumn("created_at", integer, required)
        .execute();

      await table("deliveries", ["webhook_id", "message_id"])
        .addColumn("webhook_id", text, (column) => column.notNull().references("webhooks.id").onDelete("cascade"))
        .addColumn("message_id", text, required)
        .addColumn("account_id", text, required)
        .addColumn("type", text, required)
        .addColumn("first_seq", integer)
        .addColumn("last_seq", integer)
        .addColumn("state", text, (column) =>
          column.notNull().check(oneOf("state", "pending", "delivered", "failed", "skipped")),
        )
        .addColumn("attempts", integer, required)
        .addColumn("failures", integer, required)
        .addColumn("due_at", integer, required)
        .addColumn("created_at", integer, required)
        .addColumn("finished_at", integer)
        .addColumn("reason", text)
        .execute();
      await db.schema
        .createIndex("deliveries_due")
        .on("deliveries")
        .columns(["webhook_id", "due_at"])
        .where(sql.ref("state"), "=", sql.lit("pending"))
        .execute();

      // Few among many: without it a look for them goes through all that were delivered.
      await db.schema
        .createIndex("deliveries_undelivered")
        .on("deliveries")
        .columns(["webhook_id", "state", "message_id"])
        .where(sql<boolean>`state = 'failed' or state = 'skipped'`)
        .execute();

      await table("delivery_attempts", ["webhook_id", "message_id", "number"])
        .addColumn("webhook_id", text, (column) => column.notNull().references("webhooks.id").onDelete("cascade"))
        .addColumn("message_id", text, required)
        .addColumn("number", integer, required)
        .addColumn("at", integer, required)
        .addColumn("duration_ms", integer, required)
        .addColumn("status", integer)
        .addColumn("error", text)
        .addColumn("response", text)
        .execute();

      await table("webhook_replays", ["webhook_id", "id"])
        .addColumn("webhook_id", text, (column) => column.notNull().references("webhooks.id").onDelete("cascade"))
        .addColumn("id", text, required)
        .addColumn("at_seq", integer, required)
        .addColumn("upto_seq", integer, required)
        .addColumn("created_at", integer, required)
        .execute();

      await table("exports", ["id"])
        .addColumn("id", text, required)
        .addColumn("account_id", text, (column) => column.notNull().references("accounts.id"))
        .addColumn("format", text, (column) => column.notNull().check(oneOf("format", "ndjson", "csv")))
        .addColumn("filter", text, required)
        .addColumn("state", text, (column) =>
          column.notNull().check(oneOf("state", "queued", "running", "completed", "failed")),
        )
        .addColumn("after_seq", integer, required)
        .addColumn("upto_seq", integer, required)
        .addColumn("at_seq", integer, required)
        .addColumn("events", integer, required)
        .addColumn("bytes", integer, required)
        .addColumn("error", text)
        .addColumn("lease_owner", text)
        .addColumn("lease_until", integer, required)
        .addColumn("created_at", integer, required)
        .addColumn("updated_at", integer, required)
        .addColumn("completed_at", integer)
        .addColumn("expires_at", integer, required)
        .execute();
      await index("exports_by_account", "exports", ["account_id", "id"]);
      await index("exports_by_state", "exports", ["state"]);

      for (const column of ["actor", "target"]) await db.schema.alterTable("tokens").addColumn(column, text).execute();

      function table(name: string, key: string[]): CreateTableBuilder<string> {
        return db.schema
          .createTable(name)
          .addPrimaryKeyConstraint(`${name}_key`, key as never[])
          .modifyEnd(dialect.tableOptions);
      }

      function index(name: string, on: string, columns: string[]): Promise<void> {
        return db.schema.createIndex(name).on(on).columns(columns).execute();
      }
    },
  };
}

function required<Column extends { notNull(): Column }>(column: Column): Column {
  return column.notNull();
}

function oneOf(column: string, ...values: string[]): RawBuilder<unknown> {
  return sql`${sql.ref(column)} in (${sql.join(values.map((value) => sql.lit(value)))})`;
}

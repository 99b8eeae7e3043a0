import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { SchemaDialect } from "../schema-dialect.ts";

/** Accounts, keys, tokens, overrides, suspensions, settings, and the audit of what is done to them. */
export function callersOnRecord(dialect: SchemaDialect): Migration {
  return {
    async up(db: Kysely<never>): Promise<void> {
      await dialect.installFunctions(db);
      const { text, integer, real } = dialect;

      await table("accounts")
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("name", text, (column) => column.notNull())
        .addColumn("name_key", text, (column) => column.notNull().unique())
        .addColumn("plan", text)
        .$call(withVersion)
        .execute();

      await table("api_keys")
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("account_id", text, (column) => column.notNull().references("accounts.id"))
        .addColumn("name", text)
        .addColumn("start", text, (column) => column.notNull())
        .addColumn("secret_hash", text, (column) => column.notNull().unique())
        .addColumn("previous_hash", text)
        .addColumn("previous_until", integer)
        .addColumn("scopes", text, (column) => column.notNull())
        .addColumn("expires_at", integer)
        .addColumn("revoked_at", integer)
        .$call(withVersion)
        .addCheckConstraint("api_keys_previous", sql`(previous_hash is null) = (previous_until is null)`)
        .execute();
      await index("api_keys_by_account", "api_keys", ["account_id", "id"]);

      await table("tokens")
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("account_id", text, (column) => column.notNull().references("accounts.id"))
        .addColumn("key_id", text, (column) => column.notNull().references("api_keys.id"))
        .addColumn("kind", text, (column) => column.notNull().check(sql`kind in ('access', 'widget')`))
        .addColumn("start", text, (column) => column.notNull())
        .addColumn("secret_hash", text, (column) => column.notNull().unique())
        .addColumn("scopes", text, (column) => column.notNull())
        .addColumn("expires_at", integer, (column) => column.notNull())
        .addColumn("revoked_at", integer)
        .$call(withVersion)
        .execute();
      await index("tokens_by_account", "tokens", ["account_id", "id"]);
      await index("tokens_by_key", "tokens", ["key_id", "id"]);

      await table("overrides")
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("subject_type", text, (column) => column.notNull().check(sql`subject_type in ('account', 'key')`))
        .addColumn("subject_id", text, (column) => column.notNull())
        .addColumn("limit_name", text, (column) => column.notNull())
        .addColumn("quota", integer)
        .addColumn("factor", real)
        .addColumn("is_unlimited", integer, (column) => column.notNull().check(sql`is_unlimited in (0, 1)`))
        .addColumn("expires_at", integer)
        .addColumn("reason", text)
        .$call(withVersion)
        .addUniqueConstraint("overrides_by_limit", ["subject_type", "subject_id", "limit_name"])
        .addCheckConstraint(
          "overrides_say_one_thing",
          sql`(case when quota is null then 0 else 1 end)
            + (case when factor is null then 0 else 1 end) + is_unlimited = 1`,
        )
        .execute();
      await index("overrides_by_subject", "overrides", ["subject_id", "id"]);

      await table("suspensions")
        .addColumn("id", text, (column) => column.primaryKey().notNull())
        .addColumn("caller", text, (column) =>
          column.notNull().check(sql`caller in ('account', 'api-key', 'token', 'ip')`),
        )
        .addColumn("value", text, (column) => column.notNull())
        .addColumn("reason", text, (column) => column.notNull())
        .addColumn("ends_at", integer)
        .addColumn("lifted_at", integer)
        .$call(withVersion)
        .execute();
      await db.schema
        .createIndex("suspensions_not_lifted")
        .on("suspensions")
        .columns(["caller", "value"])
        .where(sql.ref("lifted_at"), "is", null)
        .execute();

      await table("settings")
        .addColumn("name", text, (column) => column.primaryKey().notNull())
        .addColumn("value", text, (column) => column.notNull())
        .execute();

      await table("audit")
        .addColumn("seq", integer, (column) => column.primaryKey().notNull())
        .addColumn("time", integer, (column) => column.notNull())
        .addColumn("actor", text, (column) => column.notNull())
        .addColumn("action", text, (column) => column.notNull())
        .addColumn("subject_type", text, (column) => column.notNull())
        .addColumn("subject_id", text, (column) => column.notNull())
        .addColumn("before", text)
        .addColumn("after", text)
        .addColumn("hash", text, (column) => column.notNull())
        .execute();
      await index("audit_by_subject", "audit", ["subject_id", "seq"]);

      await table("audit_head")
        .addColumn("id", integer, (column) => column.primaryKey().notNull().check(sql`id = 1`))
        .addColumn("seq", integer, (column) => column.notNull())
        .addColumn("hash", text, (column) => column.notNull())
        .execute();
      await sql`insert into audit_head (id, seq, hash) values (1, 0, ${sql.lit("0".repeat(64))})`.execute(db);

      function table(name: string): CreateTableBuilder<string> {
        return db.schema.createTable(name).modifyEnd(dialect.tableOptions);
      }

      function index(name: string, on: string, columns: string[]): Promise<void> {
        return db.schema.createIndex(name).on(on).columns(columns).execute();
      }

      function withVersion<Columns extends string>(builder: CreateTableBuilder<string, Columns>) {
        return builder
          .addColumn("version", integer, (column) => column.notNull().check(sql`version >= 1`))
          .addColumn("created_at", integer, (column) => column.notNull())
          .addColumn("updated_at", integer, (column) => column.notNull());
      }
    },
  };
}

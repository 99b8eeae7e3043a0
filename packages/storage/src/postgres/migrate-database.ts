import { HeadgateError } from "@headgate/core";
import { Kysely, PostgresDialect, sql } from "kysely";
import { MIGRATION_TABLE, refuseNewer } from "../applied-migrations.ts";
import { migrate } from "../migrate.ts";
import type { Connections } from "./connections.ts";
import { postgresSchema } from "./schema-dialect.ts";

/** Brings the tables up to date. Instances that start at once do so one after the other. */
export async function migrateDatabase(connections: Connections): Promise<void> {
  const db = new Kysely<never>({ dialect: new PostgresDialect({ pool: connections.migrator() }) });
  try {
    const schema = await schemaOf(db);
    refuseNewer(await appliedMigrations(db), `the database at ${connections.server}`);
    await migrate(db, { dialect: postgresSchema, schema });
  } finally {
    await db.destroy();
  }
}

/** Where tables go when nobody says: the first of the URL's `search_path` that there is. */
async function schemaOf(db: Kysely<never>): Promise<string> {
  const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(db);
  const schema = rows[0]?.schema;
  if (schema) return schema;
  throw new HeadgateError("HG_STORAGE_FAILED", "the database's search_path names no schema that there is: make one");
}

async function appliedMigrations(db: Kysely<never>): Promise<string[]> {
  const { rows: tables } = await sql`select 1 where to_regclass(${MIGRATION_TABLE}) is not null`.execute(db);
  if (tables.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(db);
  return rows.map(({ name }) => name);
}

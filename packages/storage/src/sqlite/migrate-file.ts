import { Kysely } from "kysely";
import { migrate } from "../migrate.ts";
import type { Connection } from "./connection.ts";
import { migrationDialect } from "./migration-dialect.ts";
import { sqliteSchema } from "./schema-dialect.ts";

/** Brings the tables up to date. */
export async function migrateFile(connection: Connection): Promise<void> {
  await migrate(new Kysely<unknown>({ dialect: migrationDialect(connection) }), { dialect: sqliteSchema });
}

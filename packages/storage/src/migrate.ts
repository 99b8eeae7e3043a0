import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { MIGRATION_TABLE } from "./applied-migrations.ts";
import { type MakeMigration, MIGRATIONS } from "./migrations/index.ts";
import type { SchemaDialect } from "./schema-dialect.ts";

export interface MigrateOptions {
  readonly dialect: SchemaDialect;
  /** Where the tables are; undefined for an engine without schemas. */
  readonly schema?: string;
  readonly migrations?: Readonly<Record<string, MakeMigration>>;
}

/** Takes a database every step forward that it has not had, all in one transaction. */
export async function migrate<Database>(db: Kysely<Database>, options: MigrateOptions): Promise<void> {
  const { dialect, schema, migrations = MIGRATIONS } = options;
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(Object.entries(migrations).map(([name, make]) => [name, make(dialect)])),
    },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: `${MIGRATION_TABLE}_lock`,
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

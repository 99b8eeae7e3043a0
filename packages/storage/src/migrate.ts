import { HeadgateError } from "@headgate/core";
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { type MakeMigration, MIGRATIONS } from "./migrations/index.ts";
import type { SchemaDialect } from "./schema-dialect.ts";

/** Where it is written which migrations a database has had. Its lock table is Kysely's, for engines without locks. */
export const MIGRATION_TABLE = "headgate_migrations";

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

/** Throws `HG_STORAGE_NEWER` where a database has had steps that this Headgate does not know. */
export function refuseNewer(applied: readonly string[], where: string): void {
  const unknown = applied.filter((name) => !Object.hasOwn(MIGRATIONS, name));
  if (unknown.length === 0) return;
  throw new HeadgateError(
    "HG_STORAGE_NEWER",
    `${where} was written by a newer Headgate (it has had ${unknown.join(", ")}); nothing was changed: ` +
      "run that version or a later one, or restore a copy from before the upgrade",
  );
}

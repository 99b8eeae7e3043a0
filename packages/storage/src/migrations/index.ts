import type { Migration } from "kysely/migration";
import type { SchemaDialect } from "../schema-dialect.ts";
import { callersOnRecord } from "./0001-callers-on-record.ts";
import { events } from "./0002-events.ts";
import type { MIGRATION_NAMES } from "./names.ts";

/** One step forward. There is none back: a database is restored from a copy. */
export type MakeMigration = (dialect: SchemaDialect) => Migration;

/** Every step there has been, by name and in order. One that was released is never changed. */
export const MIGRATIONS: Readonly<Record<(typeof MIGRATION_NAMES)[number], MakeMigration>> = {
  "0001-callers-on-record": callersOnRecord,
  "0002-events": events,
};

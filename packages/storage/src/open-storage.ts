import { openPostgres } from "./postgres/postgres-storage.ts";
import { openSqlite } from "./sqlite/sqlite-storage.ts";
import type { Storage } from "./storage.ts";

/** Where to keep things. */
export interface StorageOptions {
  /** The data folder: SQLite's file is in it. Made where it is not there. */
  readonly folder: string;
  /** A PostgreSQL URL instead. */
  readonly databaseUrl?: string | undefined;
}

/** Opens the database, brings it up to date, and locks it where it is one process's. Throws `HG_STORAGE_…`. */
export function openStorage({ folder, databaseUrl }: StorageOptions): Promise<Storage> {
  return databaseUrl === undefined ? openSqlite(folder) : openPostgres(databaseUrl);
}

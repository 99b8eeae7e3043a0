import type { Storage } from "./storage.ts";

/** Where to keep things. */
export interface StorageOptions {
  /** The data folder: SQLite's file is in it. Made where it is not there. */
  readonly folder: string;
  /** A PostgreSQL URL instead. */
  readonly databaseUrl?: string | undefined;
}

/** Opens the database, brings it up to date, and locks it where it is one process's. Throws `HG_STORAGE_…`. */
export async function openStorage({ folder, databaseUrl }: StorageOptions): Promise<Storage> {
  // Either engine starts sooner without the other's code.
  if (databaseUrl === undefined) return (await import("./sqlite/sqlite-storage.ts")).openSqlite(folder);
  return (await import("./postgres/postgres-storage.ts")).openPostgres(databaseUrl);
}

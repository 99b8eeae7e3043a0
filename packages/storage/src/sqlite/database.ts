import { existsSync } from "node:fs";
import { isUpToDate } from "../applied-migrations.ts";
import { Connection } from "./connection.ts";
import { createDatabaseFile, inspectDatabaseFile } from "./database-file.ts";
import { FolderLock } from "./folder-lock.ts";
import { isOfFileSystem, unusableFolder } from "./unusable-folder.ts";

/** WAL and FULL: what was committed is on disk, also after a power cut. The size limit is for the WAL once it is idle. */
const PRAGMAS = "pragma journal_mode = wal; pragma synchronous = full; pragma journal_size_limit = 67108864";

/** The one connection that writes, and the lock that makes it the only one. */
export interface Database {
  readonly connection: Connection;
  close(): void;
}

/** Locks the folder, looks at the file, and brings it up to date. Throws `HG_STORAGE_…`, with nothing changed. */
export async function openDatabase(folder: string, file: string): Promise<Database> {
  const lock = new FolderLock(folder);
  let connection: Connection | undefined;
  try {
    let applied: readonly string[] = [];
    if (existsSync(file)) applied = inspectDatabaseFile(file);
    else createDatabaseFile(file);
    connection = new Connection(file);
    connection.execute(PRAGMAS);
    // What migrates takes longer to load than all else here, and is seldom needed.
    if (!isUpToDate(applied)) await (await import("./migrate-file.ts")).migrateFile(connection);
  } catch (error) {
    connection?.close();
    lock.release();
    throw isOfFileSystem(error) ? unusableFolder(folder, error) : error;
  }
  return { connection, close: () => closeBoth(connection, lock) };
}

function closeBoth(connection: Connection, lock: FolderLock): void {
  connection.close();
  lock.release();
}

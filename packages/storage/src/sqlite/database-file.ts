import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HeadgateError } from "@headgate/core";
import { MIGRATION_TABLE, refuseNewer } from "../applied-migrations.ts";
import { Connection } from "./connection.ts";
import { isOfDamage } from "./sqlite-fault.ts";

/** "HdGt": written in the file's header, it tells Headgate's databases from others. */
const APPLICATION_ID = 0x48644774;

/** Where SQLite's header has its magic, and the application's id; see https://sqlite.org/fileformat2.html. */
const MAGIC = "SQLite format 3\0";
const APPLICATION_ID_OFFSET = 68;
const HEADER_BYTES = 100;

/** What SQLite keeps beside a database in WAL mode. */
const COMPANIONS = ["-wal", "-shm"];

/**
 * Makes an empty database under another name, and gives it its own when it is whole: a file of that name is never half
 * a database, whenever the process dies. Throws `HG_STORAGE_CORRUPT` where the WAL of another is there: SQLite would
 * write that one's pages into the new one.
 */
export function createDatabaseFile(file: string): void {
  if (existsSync(`${file}-wal`)) throw corrupt(file, "it is not there, though its -wal is");
  const draft = `${file}.new`;
  for (const name of [draft, `${draft}-journal`]) rmSync(name, { force: true });
  const database = new DatabaseSync(draft);
  chmodSync(draft, 0o600);
  database.exec(`pragma application_id = ${APPLICATION_ID}; pragma journal_mode = wal`);
  database.close();
  renameSync(draft, file);
  syncFolder(dirname(file));
}

/**
 * Looks whether a file is one of ours, undamaged, and no newer than we are, and says which migrations it has had; leaves
 * every byte of the folder as it was. Nobody else may have the file open. Throws `HG_STORAGE_CORRUPT` or `HG_STORAGE_NEWER`.
 */
export function inspectDatabaseFile(file: string): readonly string[] {
  // SQLite opens a file that may not be written too, and says so when the first write comes.
  accessSync(file, constants.R_OK | constants.W_OK);
  inspectHeader(file);
  // To read a database in WAL mode makes companions, and a read-only connection leaves them behind.
  const made = COMPANIONS.map((suffix) => file + suffix).filter((name) => !existsSync(name));
  try {
    return inspectContents(file);
  } catch (error) {
    throw isOfDamage(error) ? corrupt(file, error instanceof Error ? error.message : String(error)) : error;
  } finally {
    for (const name of made) rmSync(name, { force: true });
  }
}

function inspectHeader(file: string): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(descriptor);
  }
  if (header.toString("latin1", 0, MAGIC.length) !== MAGIC) throw corrupt(file, "it is no SQLite database");
  if (header.readUInt32BE(APPLICATION_ID_OFFSET) !== APPLICATION_ID) throw corrupt(file, "it is another program's");
}

function inspectContents(file: string): readonly string[] {
  const connection = new Connection(file, { isReadOnly: true });
  try {
    const [check] = connection.run("pragma quick_check(1)").rows;
    if (check?.quick_check !== "ok") throw corrupt(file, String(check?.quick_check));
    const hasMigrations =
      connection.run("select 1 from sqlite_schema where name = ?", [MIGRATION_TABLE]).rows.length > 0;
    if (!hasMigrations) return [];
    const applied = connection.run(`select name from ${MIGRATION_TABLE}`).rows.map(({ name }) => String(name));
    refuseNewer(applied, file);
    return applied;
  } finally {
    connection.close();
  }
}

function corrupt(file: string, reason: string): HeadgateError {
  return new HeadgateError(
    "HG_STORAGE_CORRUPT",
    `${file} cannot be used: ${reason.replace(/\s+/g, " ")}; nothing was changed: ` +
      "move it and its -wal and -shm away, and restore a copy or begin anew",
  );
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

import type { Fault } from "../transaction.ts";

/** SQLite's primary result codes that are about the file or the disk, whatever the statement was. */
const OF_DATABASE: readonly number[] = [
  5, // BUSY
  7, // NOMEM
  8, // READONLY
  10, // IOERR
  11, // CORRUPT
  13, // FULL
  14, // CANTOPEN
  26, // NOTADB
];

/** Whether the database failed, and not only the statement. */
export function isOfDatabase(error: unknown): boolean {
  return OF_DATABASE.includes(primaryCode(error));
}

/** Whether what the file holds is not, or not any more, an SQLite database. */
export function isOfDamage(error: unknown): boolean {
  return [11, 26].includes(primaryCode(error));
}

/** What SQLite said of a statement; its messages name tables and columns, never values. */
export function failed(error: unknown): Fault {
  const reason = error instanceof Error ? error.message : String(error);
  return { code: "HG_STORAGE_FAILED", message: `the database refused: ${reason}` };
}

/** SQLite's extended codes hold the primary one in their low byte. */
function primaryCode(error: unknown): number {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code & 0xff : 0;
}

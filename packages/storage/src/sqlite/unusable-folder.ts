import { HeadgateError } from "@headgate/core";
import { isOfDatabase } from "./sqlite-fault.ts";

/** Whether something failed at the file system, which SQLite and Node each tell in their own way. */
export function isOfFileSystem(error: unknown): boolean {
  return error instanceof Error && ("syscall" in error || isOfDatabase(error));
}

/** What a data folder is refused with that cannot be made, read or written. */
export function unusableFolder(folder: string, error: unknown): HeadgateError {
  const reason = error instanceof Error ? error.message : String(error);
  return new HeadgateError(
    "HG_STORAGE_FOLDER",
    `the data folder ${folder} cannot be made or written (${reason}): make it writable, or choose another`,
  );
}

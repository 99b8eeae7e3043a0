import { writeFile } from "node:fs/promises";
import { HeadgateError } from "@headgate/core";

/** Writes a file that was asked for, over what was there. Throws `HG_OUTPUT_UNWRITABLE` where that cannot be done. */
export async function writeOutput(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Says why a file could not be written. */
export function unwritable(file: string, error: unknown): HeadgateError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new HeadgateError("HG_OUTPUT_UNWRITABLE", `${file}: ${REASONS[code] ?? message}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "its folder is not there",
  EISDIR: "it is a folder",
  EACCES: "this user may not write it",
  ENOSPC: "the disk is full",
};

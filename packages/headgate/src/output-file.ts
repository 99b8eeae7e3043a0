import { statSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { HeadgateError } from "@headgate/core";

/** Writes a file that was asked for, over what was there. Throws `HG_OUTPUT_UNWRITABLE` where that cannot be done. */
export async function writeOutput(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/**
 * Makes sure, before the work that it is for, that a file can be written after it, and is none of those that the work reads;
 * what is in it stays. Throws `HG_OUTPUT_UNWRITABLE`.
 */
export async function expectOutput(file: string | undefined, inputs: readonly string[]): Promise<void> {
  if (file === undefined) return;
  if (inputs.some((input) => isSameFile(file, input))) {
    throw new HeadgateError("HG_OUTPUT_UNWRITABLE", `${file}: it is what is read`);
  }
  try {
    await (await open(file, "a")).close();
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Whatever names and links they go by. */
function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => statSync(file, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.isFile() && a.dev === b.dev && a.ino === b.ino;
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

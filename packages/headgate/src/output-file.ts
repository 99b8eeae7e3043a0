import { fstatSync, type Stats, statSync } from "node:fs";
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { HeadgateError } from "@headgate/core";

/** What standard output goes by where files are named, as standard input does among logs. */
export const STANDARD = "-";
const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;

/** What is written little by little. */
export interface Output {
  /** Resolves when there is room for more. Throws `HG_OUTPUT_UNWRITABLE`. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Writes a file that was asked for, over what was there. Throws `HG_OUTPUT_UNWRITABLE` where that cannot be done. */
export async function writeOutput(file: string, text: string): Promise<void> {
  if (file === STANDARD) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(file, text);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Makes a file that was asked for, over what was there. Throws `HG_OUTPUT_UNWRITABLE`. */
export async function openOutput(file: string): Promise<Output> {
  if (file === STANDARD) return standardOutput();
  let handle: FileHandle;
  try {
    handle = await open(file, "w");
  } catch (error) {
    throw unwritable(file, error);
  }
  return {
    async write(text) {
      try {
        await handle.writeFile(text);
      } catch (error) {
        throw unwritable(file, error);
      }
    },
    close: () => handle.close(),
  };
}

/** Its faults are told of in one place for all commands (run.ts), and each once: after one nothing more is written. */
function standardOutput(): Output {
  let isBroken = false;
  return {
    async write(text) {
      if (isBroken) return;
      isBroken = await new Promise<boolean>((resolve) =>
        process.stdout.write(text, (error) => resolve(Boolean(error))),
      );
    },
    close: async () => {},
  };
}

/**
 * Makes sure, before the work that they are for, that files can be written after it, and are none of those that the work
 * reads; what is in them stays. Throws `HG_OUTPUT_UNWRITABLE`, and `HG_USAGE` where two of them are one.
 */
export async function expectOutputs(
  outputs: readonly (string | undefined)[],
  inputs: readonly string[],
): Promise<void> {
  const before: string[] = [];
  for (const file of outputs) {
    if (file === undefined) continue;
    const stats = statsOf(file, STANDARD_OUTPUT);
    if (inputs.some((input) => isSameFile(stats, statsOf(input, STANDARD_INPUT)))) {
      throw new HeadgateError("HG_OUTPUT_UNWRITABLE", `${file}: it is what is read`);
    }
    if (file !== STANDARD) await touch(file);
    if (before.some((other) => isSameOutput(file, other))) {
      throw new HeadgateError("HG_USAGE", `${file}: two things would be written to it`);
    }
    before.push(file);
  }
}

async function touch(file: string): Promise<void> {
  try {
    await (await open(file, "a")).close();
  } catch (error) {
    throw unwritable(file, error);
  }
}

function isSameOutput(one: string, other: string): boolean {
  if (one === STANDARD && other === STANDARD) return true;
  return isSameFile(statsOf(one, STANDARD_OUTPUT), statsOf(other, STANDARD_OUTPUT));
}

function statsOf(file: string, standard: number): Stats | undefined {
  return file === STANDARD ? fstatSync(standard) : statSync(file, { throwIfNoEntry: false });
}

/** Whatever names and links they go by. */
function isSameFile(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && other !== undefined && one.isFile() && one.dev === other.dev && one.ino === other.ino;
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

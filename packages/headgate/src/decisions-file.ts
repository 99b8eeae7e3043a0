import { type FileHandle, open } from "node:fs/promises";
import type { Decided } from "@headgate/rehearse";
import { unwritable } from "./output-file.ts";

/** A file of decisions that is being written, a line each. */
export interface DecisionsFile {
  /** Resolves when they are written: who waits for that holds no more than a batch in memory. */
  write(decided: readonly Decided[]): Promise<void>;
  close(): Promise<void>;
}

/** Makes the file, over what was there. Throws `HG_OUTPUT_UNWRITABLE`, as writing to it does. */
export async function openDecisions(file: string): Promise<DecisionsFile> {
  const { decisionLine } = await import("@headgate/rehearse");
  let handle: FileHandle;
  try {
    handle = await open(file, "w");
  } catch (error) {
    throw unwritable(file, error);
  }
  return {
    async write(decided) {
      try {
        await handle.writeFile(decided.map(decisionLine).join(""));
      } catch (error) {
        throw unwritable(file, error);
      }
    },
    close: () => handle.close(),
  };
}

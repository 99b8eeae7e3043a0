import { HeadgateError } from "@headgate/core";
import { CommanderError } from "commander";
import { AdminRefusal } from "./admin-client.ts";
import { makeProgram } from "./program.ts";

/** What a command ends with: the process's exit code. */
export type ExitCode = number;

/**
 * Runs the `headgate` command with these arguments, and says what to exit with: 1 where the answer is no, 2 where
 * nothing could be asked or its words are not understood.
 */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  for (const stream of [process.stdout, process.stderr]) stream.on("error", unlessReaderIsGone);
  const program = makeProgram((code) => {
    exitCode = code;
  });

  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof HeadgateError) {
      process.stderr.write(`headgate: ${error.code} ${error.message}\n`);
      return error instanceof AdminRefusal ? 1 : 2;
    }
    throw error;
  }
  return exitCode;
}

/** Who reads may stop before the end, as `| head` does: that is no fault, and no reason for a gate to close. */
function unlessReaderIsGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

import { HeadgateError } from "@headgate/core";
import { CommanderError } from "commander";
import { AdminRefusal } from "./admin-client.ts";
import { unwritable } from "./output-file.ts";
import { PolicyFaults } from "./policy-faults.ts";
import { makeProgram } from "./program.ts";
import { onUsageError } from "./usage-errors.ts";

/** What a command ends with: the process's exit code. */
export type ExitCode = number;

/**
 * Runs the `headgate` command with these arguments, and says what to exit with: 1 where the answer is no, 2 where
 * nothing could be asked or its words are not understood.
 */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const tell = argv.includes("--json") ? tellPrograms : tellPeople;
  const finish = (code: ExitCode): void => {
    exitCode = Math.max(exitCode, code);
  };
  // Who reads may stop before the end, as `| head` does: that is no fault. A full disk is; but a gate goes on.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    finish(2);
    process.exitCode = 2;
    tell(unwritable("standard output", error));
  });
  process.stderr.on("error", () => {});
  const program = makeProgram(finish);
  onUsageError(program, tell);

  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof HeadgateError) {
      tell(error);
      return error instanceof AdminRefusal ? 1 : 2;
    }
    throw error;
  }
  return exitCode;
}

function tellPeople(error: HeadgateError, hint?: string): void {
  const above = error instanceof PolicyFaults ? error.report : "";
  const below = hint === undefined ? "" : `${hint}\n`;
  process.stderr.write(`${above}headgate: ${error.code} ${error.message}\n${below}`);
}

/** Who asked for JSON gets errors in it, too. */
function tellPrograms(error: HeadgateError): void {
  const { code, message } = error;
  const problems = error instanceof PolicyFaults ? { problems: error.problems } : {};
  process.stderr.write(`${JSON.stringify({ error: { code, message, ...problems } })}\n`);
}

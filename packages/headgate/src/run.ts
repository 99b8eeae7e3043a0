import { HeadgateError } from "@headgate/core";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addCheck } from "./commands/check.ts";
import { addExplain } from "./commands/explain.ts";
import { addServe } from "./commands/serve.ts";

/** What a command ends with: the process's exit code. */
export type ExitCode = number;

/** Runs the `headgate` command with these arguments, and says what to exit with: 2 for words it does not understand. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = new Command("headgate")
    .description("Rate limiting for HTTP APIs: one policy file, enforced in front of any API.")
    .version(packageJson.version, "-v, --version")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "headgate: HG_USAGE ")) })
    .showHelpAfterError("(`headgate --help` shows what there is)");
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  addServe(program, finish);
  addCheck(program, finish);
  addExplain(program, finish);

  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof HeadgateError) {
      process.stderr.write(`headgate: ${error.code} ${error.message}\n`);
      return 2;
    }
    throw error;
  }
  return exitCode;
}

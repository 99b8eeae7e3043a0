import { HeadgateError } from "@headgate/core";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { AdminRefusal } from "./admin-client.ts";
import { addAccounts } from "./commands/accounts.ts";
import { addAudit } from "./commands/audit.ts";
import { addCheck } from "./commands/check.ts";
import { addExplain } from "./commands/explain.ts";
import { addKeys } from "./commands/keys.ts";
import { addOverrides } from "./commands/overrides.ts";
import { addServe } from "./commands/serve.ts";
import { addSuspensions } from "./commands/suspensions.ts";
import { addTokens } from "./commands/tokens.ts";
import { addUsage } from "./commands/usage.ts";
import { addWebhooks } from "./commands/webhooks.ts";

/** What a command ends with: the process's exit code. */
export type ExitCode = number;

/**
 * Runs the `headgate` command with these arguments, and says what to exit with: 1 where the answer is no, 2 where
 * nothing could be asked or its words are not understood.
 */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  for (const stream of [process.stdout, process.stderr]) stream.on("error", unlessReaderIsGone);
  const program = new Command("headgate")
    .description("Rate limiting for HTTP APIs: one policy file, enforced in front of any API.")
    .version(packageJson.version, "-v, --version")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "headgate: HG_USAGE ")) })
    .showHelpAfterError("(`headgate --help` shows what there is)");
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  program.commandsGroup("The gate:").addHelpCommand(helpCommand());
  addServe(program, finish);
  addCheck(program, finish);
  addExplain(program, finish);
  program.commandsGroup("Callers on record:");
  addAccounts(program);
  addKeys(program);
  addTokens(program);
  addOverrides(program);
  addSuspensions(program);
  addUsage(program);
  addAudit(program, finish);
  addWebhooks(program);

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

/** As commander's own, but in a group. */
function helpCommand(): Command {
  return new Command("help").argument("[command]").description("show the help of a command").helpGroup("The gate:");
}

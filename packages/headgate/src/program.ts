import { Command } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addAccounts } from "./commands/accounts.ts";
import { addAudit } from "./commands/audit.ts";
import { addCheck } from "./commands/check.ts";
import { addDocs } from "./commands/docs.ts";
import { addExplain } from "./commands/explain.ts";
import { addKeys } from "./commands/keys.ts";
import { addOverrides } from "./commands/overrides.ts";
import { addServe } from "./commands/serve.ts";
import { addSimulate } from "./commands/simulate.ts";
import { addSuggest } from "./commands/suggest.ts";
import { addSuspensions } from "./commands/suspensions.ts";
import { addTokens } from "./commands/tokens.ts";
import { addTraffic } from "./commands/traffic.ts";
import { addUsage } from "./commands/usage.ts";
import { addWebhooks } from "./commands/webhooks.ts";
import type { ExitCode } from "./run.ts";

/** The `headgate` command with all that it can do. What ends with more to say than "done" tells `finish`. */
export function makeProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command("headgate")
    .description("Rate limiting for HTTP APIs: one policy file, enforced in front of any API.")
    .version(packageJson.version, "-v, --version")
    .exitOverride();
  program.commandsGroup("The gate:").addHelpCommand(helpCommand());
  addServe(program, finish);
  addCheck(program, finish);
  addExplain(program);
  program.commandsGroup("Before it bites, and after:");
  addSimulate(program, finish);
  addSuggest(program);
  addTraffic(program);
  addDocs(program, finish);
  program.commandsGroup("Callers on record:");
  addAccounts(program);
  addKeys(program);
  addTokens(program);
  addOverrides(program);
  addSuspensions(program);
  addUsage(program);
  addAudit(program, finish);
  addWebhooks(program);
  return program;
}

/** As commander's own, but in a group. */
function helpCommand(): Command {
  return new Command("help").argument("[command]").description("show the help of a command").helpGroup("The gate:");
}

import { HeadgateError } from "@headgate/core";
import type { Command } from "commander";

/** Has a command, and all below it, tell what is wrong with their words, and whose help says what is right. */
export function onUsageError(command: Command, tell: (error: HeadgateError, hint: string) => void, above = ""): void {
  const words = above + command.name();
  command.configureOutput({
    outputError: (text) =>
      tell(
        new HeadgateError("HG_USAGE", text.replace(/^error: /, "").trimEnd()),
        `(\`${words} --help\` shows what there is)`,
      ),
  });
  for (const each of command.commands) onUsageError(each, tell, `${words} `);
}

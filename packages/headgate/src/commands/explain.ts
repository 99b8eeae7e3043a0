import { type Command, InvalidArgumentError } from "commander";
import type { ExplainOptions } from "../explained.ts";
import { parseAddress } from "../option-values.ts";
import { readGoodPolicy } from "../policy-file.ts";

/** `headgate explain policy.yaml METHOD URL`: which limits a request meets, and why the others are not met. */
export function addExplain(program: Command): void {
  program
    .command("explain")
    .description("say which limits a request meets, and why")
    .argument("<policy.yaml>")
    .argument("<METHOD>", "such as GET", parseMethod)
    .argument("<URL>", "a path, or a whole URL")
    .option(
      "-H, --header <'name: value'>",
      "a request header; repeat for more",
      (value, all: string[]) => [...all, value],
      [],
    )
    .option("--ip <address>", "the caller's address", parseAddress, "127.0.0.1")
    .option("--plan <name>", "the plan that the caller's account has")
    .option("--json", "print the explanations as JSON")
    .option("--quiet", "print the names of the limits it meets, and nothing else")
    .action(async (file: string, method: string, url: string, options: ExplainOptions) => {
      const { policy } = await readGoodPolicy(file);
      // Other commands start sooner without its code.
      const { explained } = await import("../explained.ts");
      process.stdout.write(explained(policy, method, url, options));
    });
}

function parseMethod(text: string): string {
  if (!/^[A-Za-z!#$%&'*+.^_`|~-]+$/.test(text)) throw new InvalidArgumentError("A method is a word such as GET.");
  return text.toUpperCase();
}

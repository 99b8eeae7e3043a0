import { statSync } from "node:fs";
import { HeadgateError } from "@headgate/core";
import { parseUpstream } from "@headgate/policy/upstream";
import { type Command, InvalidArgumentError, Option } from "commander";
import { addLogOptions, type LogOptions, MORE_LOGS, openLogs } from "../log-options.ts";
import { expectOutputs, writeOutput } from "../output-file.ts";
import { parsePercentage } from "../percentage.ts";

interface SuggestOptions extends LogOptions {
  readonly share: number;
  readonly headroom: number;
  readonly upstream: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `headgate suggest --log FILE`: limits that would have touched next to nobody, as a policy file. */
export function addSuggest(program: Command): void {
  addLogOptions(program.command("suggest"))
    .description("write a policy whose limits would have refused next to nobody in a log")
    .argument(...MORE_LOGS)
    .addOption(
      new Option("--share <percent>", "of callers, how many may be refused")
        .argParser(parseShare)
        .default(0.001, "0.1%"),
    )
    .addOption(
      new Option("--headroom <percent>", "how much more to allow than was asked for")
        .argParser(parsePercentage)
        .default(0.2, "20%"),
    )
    .option("--upstream <url>", "what the policy is in front of", parseUpstreamUrl, "http://127.0.0.1:3000")
    .option("--out <policy.yaml>", "write the policy to this file")
    .option("--json", "print what was found as JSON, the policy in it")
    .action(async (more: readonly string[], { share, headroom, upstream, out, json, ...options }: SuggestOptions) => {
      const logs = { ...options, log: [...options.log, ...more] };
      const once = logs.log.find(isReadOnce);
      if (once !== undefined) {
        const what = once === "-" ? "standard input" : `${once}, a pipe,`;
        throw new HeadgateError("HG_USAGE", `suggest reads a log twice, which ${what} cannot be: name a file`);
      }
      await expectOutputs([out], logs.log);
      const { formatLog, HEADERS_SURVEYED, suggest, suggestedPolicy, suggestionJson } = await import(
        "@headgate/rehearse"
      );
      const suggestion = await suggest(() => openLogs(logs, HEADERS_SURVEYED), { share, headroom });
      const policy = suggestedPolicy(suggestion, upstream);
      process.stderr.write(formatLog(suggestion.log));
      if (out !== undefined) await writeOutput(out, policy);
      if (json) process.stdout.write(`${JSON.stringify(suggestionJson(suggestion, policy), null, 2)}\n`);
      else if (out === undefined) process.stdout.write(policy);
    });
}

/** Such as what a shell makes of `<(zcat *.gz)`. */
function isReadOnce(log: string): boolean {
  return log === "-" || statSync(log, { throwIfNoEntry: false })?.isFIFO() === true;
}

function parseShare(text: string): number {
  const share = parsePercentage(text);
  if (share >= 1) throw new InvalidArgumentError("Somebody must be left: it is below 100%.");
  return share;
}

function parseUpstreamUrl(text: string): string {
  if (!parseUpstream(text)) throw new InvalidArgumentError("An upstream is http:// or https://, or builtin:events.");
  return text;
}

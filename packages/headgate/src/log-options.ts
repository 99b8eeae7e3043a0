import { HeadgateError } from "@headgate/core";
import type { LogFormatName, LogReading } from "@headgate/rehearse";
import { type Command, Option } from "commander";
import { STANDARD } from "./output-file.ts";

/** Which logs to read, and how. */
export interface LogOptions {
  readonly log: readonly string[];
  readonly format?: LogFormatName;
  readonly fields?: string;
  readonly strict?: boolean;
}

/** The last argument of a command that reads logs, and what it is. */
export const MORE_LOGS: readonly [name: string, description: string] = [
  "[more-logs...]",
  "as a shell makes of --log access.log*",
];

/** Gives a command the options by which logs are named. */
export function addLogOptions(command: Command): Command {
  return command
    .requiredOption(
      "--log <file>",
      "a log, plain or packed with gzip or zstd; repeat for more",
      (value, all: readonly string[] = []): readonly string[] => [...all, value],
    )
    .addOption(
      new Option("--format <name>", "of the logs, where it is not to be guessed").choices([
        "ndjson",
        "combined",
        "har",
      ]),
    )
    .option("--fields <'$remote_addr …'>", "how an access log's lines are made up, as nginx's log_format")
    .option("--strict", "end at the first line that cannot be read");
}

/**
 * Opens the logs. Of the headers only those `wanted` are kept, or all. Throws `HG_LOG_FIELDS` where the lines are said to be
 * made up of what cannot be, and `HG_USAGE` where two logs are standard input, of which each would get a part.
 */
export async function openLogs(
  { log, format, fields, strict: isStrict }: LogOptions,
  headersWanted?: ReadonlySet<string>,
): Promise<LogReading> {
  if (log.indexOf(STANDARD) !== log.lastIndexOf(STANDARD)) {
    throw new HeadgateError("HG_USAGE", "standard input is named as a log more than once");
  }
  // Other commands start sooner without its code.
  const { parseFields, readLog } = await import("@headgate/rehearse");
  return readLog(log, {
    format,
    fields: fields === undefined ? undefined : parseFields(fields),
    headersWanted,
    isStrict,
  });
}

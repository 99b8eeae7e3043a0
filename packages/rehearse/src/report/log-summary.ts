import type { LogFault, LogFaultKind, LogReport } from "../log-report.ts";
import { formatCountOf, formatForeign, formatPath } from "./quantities.ts";

/** A fault of the log in words, and its first examples as `file:line why`. */
export interface LogFaultText {
  readonly title: string;
  readonly examples: readonly string[];
}

/** Files that are named; the others are counted. */
const FILES_NAMED = 3;

/** What was read: `1,204,331 lines of access.log`; "" where there is no log. */
export function logSummary(log: LogReport): string {
  return log.files.length === 0 ? "" : `${formatCountOf(log.lines, "line")} of ${logFiles(log)}`;
}

/** `access.log, access.log.1, access.log.2 and 5 other files`. */
export function logFiles({ files }: LogReport): string {
  const named = files.slice(0, FILES_NAMED).map((file) => (file === "-" ? "standard input" : formatPath(file)));
  const others = files.length - named.length;
  return others === 0 ? named.join(", ") : `${named.join(", ")} and ${formatCountOf(others, "other file")}`;
}

/** How many lines there is nothing of in the report: `14 lines left out`; "" where there is none. */
export function linesLeftOut({ faults }: LogReport): string {
  const leftOut = faults.filter(({ kind }) => kind === "unparsable" || kind === "too-long");
  const count = leftOut.reduce((sum, fault) => sum + fault.count, 0);
  return count === 0 ? "" : `${formatCountOf(count, "line")} left out`;
}

export function logFaults({ faults }: LogReport): LogFaultText[] {
  return faults.map(({ kind, count, examples }) => ({
    title: FAULTS[kind](count),
    examples: examples.map(({ file, line, why }) => `${place(file, line)} ${formatForeign(why, 120)}`),
  }));
}

const FAULTS: Readonly<Record<LogFaultKind, (count: LogFault["count"]) => string>> = {
  unparsable: (count) =>
    `${formatCountOf(count, "line")} could not be read, and ${count === 1 ? "is" : "are"} left out`,
  "too-long": (count) => `${formatCountOf(count, "line")} too long to be read, and left out`,
  "time-backwards": (count) =>
    `${formatCountOf(count, "request")} earlier than the one before, and replayed at that one's time`,
  truncated: (count) => `${formatCountOf(count, "file")} cut off in the middle`,
  empty: (count) => `${formatCountOf(count, "file")} with nothing in it`,
  "other-format": (count) => `${formatCountOf(count, "file")} of another format than it was read as`,
  "not-http": (count) =>
    `${formatCountOf(count, "URL")} such as data: or blob:, which no server is asked for, left out`,
};

function place(file: string, line: number): string {
  return line === 0 ? formatPath(file) : `${formatPath(file)}:${line}`;
}

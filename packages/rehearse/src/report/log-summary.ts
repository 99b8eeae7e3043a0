import type { LogFault, LogFaultKind, LogReport } from "../log-report.ts";
import { formatCountOf, formatForeign } from "./quantities.ts";

/** A fault of the log in words, and its first examples as `file:line why`. */
export interface LogFaultText {
  readonly title: string;
  readonly examples: readonly string[];
}

/** What was read: `1,204,331 lines of access.log`. */
export function logSummary({ files, lines }: LogReport): string {
  if (files.length === 0) return "";
  const [first = ""] = files;
  const named = first === "-" ? "standard input" : formatForeign(first);
  return `${formatCountOf(lines, "line")} of ${files.length === 1 ? named : `${files.length} files`}`;
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
};

function place(file: string, line: number): string {
  return line === 0 ? formatForeign(file) : `${formatForeign(file)}:${line}`;
}

/** What was read of the logs, and what could not be. */
export interface LogReport {
  /** Names of the files, `-` for standard input. */
  readonly files: readonly string[];
  /** Bytes as they are on disk, before they are unpacked. */
  readonly bytes: number;
  /** Lines, or entries of a HAR; empty lines are not counted, nor what is `not-http`. */
  readonly lines: number;
  /** Each kind of fault that was found, once. */
  readonly faults: readonly LogFault[];
}

/**
 * `unparsable`: not in the format of the log. `too-long`: above the bound for one line. `time-backwards`: earlier than
 * the line before; replayed at the latest time seen. `truncated`: the file ends in the middle of its compression, or of
 * its JSON. `empty`: nothing in it. `other-format`: no line of the file is in its format. `not-http`: an entry of a HAR that
 * no server was asked for, such as of a `data:` URL; it is no fault where a log is read strictly.
 */
export type LogFaultKind =
  | "unparsable"
  | "too-long"
  | "time-backwards"
  | "truncated"
  | "empty"
  | "other-format"
  | "not-http";

export interface LogFault {
  readonly kind: LogFaultKind;
  readonly count: number;
  /** The first few. */
  readonly examples: readonly LogFaultExample[];
}

export interface LogFaultExample {
  readonly file: string;
  /** From 1; of a HAR the entry. 0 where it is the file as a whole. */
  readonly line: number;
  /** Why, in words; holds nothing of the line itself but what cannot be a secret. */
  readonly why: string;
}

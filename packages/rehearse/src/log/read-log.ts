import type { LogReport } from "../log-report.ts";
import type { LoggedRequest } from "../logged-request.ts";
import { withBeginning } from "./beginning.ts";
import { Intake } from "./intake.ts";
import { LogFaults } from "./log-faults.ts";
import { type LogFormatOptions, parserFor } from "./log-format.ts";
import type { LogParser } from "./log-parser.ts";
import { inOrderOfTime } from "./merge.ts";
import { Unpacked } from "./unpacked.ts";

export interface ReadLogOptions extends LogFormatOptions {
  /** The first fault is thrown, as `HG_LOG_FAULT`, instead of counted. */
  readonly isStrict?: boolean | undefined;
}

/** Logs being read. Go through `batches` once. */
export interface LogReading {
  /**
   * All requests of all files, in the order of their times, some thousand at once. Rejects with `HG_LOG_UNREADABLE` where
   * a file cannot be read.
   */
  readonly batches: AsyncIterable<readonly LoggedRequest[]>;
  /** Bytes of the files read so far, before unpacking. */
  readonly bytesRead: number;
  /** What was read, and what could not be, up to now. */
  report(): LogReport;
}

/**
 * Reads logs, `-` for standard input, in no more memory than some thousand requests take. Each file must be in order by itself,
 * but for HARs and logs that tell how long requests took (disorder.ts).
 */
export function readLog(files: readonly string[], options: ReadLogOptions = {}): LogReading {
  const faults = new LogFaults(options.isStrict ?? false);
  const logs = files.map((file) => new OneLog(file, options, faults));
  const sum = (of: (log: OneLog) => number): number => logs.reduce((total, log) => total + of(log), 0);
  return {
    batches: inOrderOfTime(logs.map((log) => log.batches())),
    get bytesRead() {
      return sum(({ bytesRead }) => bytesRead);
    },
    report: () => ({
      files: [...files],
      bytes: sum(({ bytesRead }) => bytesRead),
      lines: sum(({ lines }) => lines),
      faults: faults.list(),
    }),
  };
}

/** After so many lines without a request the rest of a file is not read any more. */
const HOPELESS_LINES = 10_000;

class OneLog {
  readonly #options: LogFormatOptions;
  readonly #source: Unpacked;
  readonly #intake: Intake;
  /** Whether the rest of it was not read. */
  #isGivenUp = false;

  constructor(file: string, options: LogFormatOptions, faults: LogFaults) {
    this.#options = options;
    this.#source = new Unpacked(file);
    this.#intake = new Intake(file, faults);
  }

  get bytesRead(): number {
    return this.#source.bytesRead;
  }

  get lines(): number {
    return this.#intake.lines;
  }

  async *batches(): AsyncGenerator<readonly LoggedRequest[]> {
    const intake = this.#intake;
    let parser: LogParser | undefined;
    for await (const chunk of withBeginning(this.#source.chunks())) {
      parser ??= parserFor(chunk, this.#options, intake);
      parser.take(chunk);
      yield intake.drain();
      if (!intake.hasRequests && intake.lines >= HOPELESS_LINES) {
        this.#isGivenUp = true;
        break;
      }
    }
    parser?.end(this.#source.isCut);
    intake.end();
    yield intake.drain();
    this.#noteFaults();
  }

  #noteFaults(): void {
    const intake = this.#intake;
    if (this.#source.isCut) intake.fault("truncated", 0, "its compression ends in the middle, or is damaged");
    if (intake.hasRequests) return;
    if (intake.lines > 0) {
      const what = this.#isGivenUp
        ? `none of its first ${intake.lines} lines is in its format, and the rest was not read`
        : "no line of it is in its format";
      intake.fault("other-format", 0, `${what}; name it with --format or --fields`);
    } else if (!intake.hasFaults) intake.fault("empty", 0, "it holds no request");
  }
}

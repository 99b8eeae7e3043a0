import type { Intake } from "./intake.ts";
import type { LineFormat } from "./line-format.ts";
import type { LogParser } from "./log-parser.ts";

/** Longer lines are skipped: servers bound what a request's head may be well below this. */
export const LONGEST_LINE: number = 256 * 1024;

const NOTHING: Buffer = Buffer.alloc(0);
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** Cuts a log into lines. A line is read where it lies; only one that goes on in the next chunk is copied. */
export class Lines implements LogParser {
  readonly #format: LineFormat;
  readonly #intake: Intake;
  /** The beginning of a line that has not ended yet. */
  #rest: Buffer = NOTHING;
  #line = 0;
  /** Amid a line that is too long. */
  #isSkipping = false;

  constructor(format: LineFormat, intake: Intake) {
    this.#format = format;
    this.#intake = intake;
  }

  take(chunk: Buffer): void {
    let end = chunk.indexOf(NEWLINE);
    if (end >= 0) {
      const first = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk.subarray(0, end)]);
      this.#read(first, 0, this.#rest.length + end);
      this.#rest = NOTHING;
    }
    let start = end + 1;
    for (end = chunk.indexOf(NEWLINE, start); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#read(chunk, start, end);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  end(isCut: boolean): void {
    // What a cut has left of a line may look like a whole one.
    if (!isCut && (this.#rest.length > 0 || this.#isSkipping)) this.#read(this.#rest, 0, this.#rest.length);
  }

  #keep(rest: Buffer): void {
    if (this.#isSkipping) return;
    this.#isSkipping = this.#rest.length + rest.length > LONGEST_LINE;
    this.#rest = this.#isSkipping ? NOTHING : Buffer.concat([this.#rest, rest]);
  }

  #read(bytes: Buffer, start: number, newline: number): void {
    this.#line++;
    if (this.#isSkipping || newline - start > LONGEST_LINE) {
      this.#isSkipping = false;
      this.#intake.takeFault("too-long", this.#line, `it is longer than ${LONGEST_LINE / 1024} KB`);
      return;
    }
    const end = bytes[newline - 1] === RETURN && newline > start ? newline - 1 : newline;
    if (!isBlank(bytes, start, end)) this.#intake.take(this.#format.read(bytes, start, end), this.#line);
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== SPACE && bytes[i] !== TAB) return false;
  return true;
}

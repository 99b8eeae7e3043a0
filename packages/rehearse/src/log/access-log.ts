import { isIPv6 } from "node:net";
import { type LoggedRequest, NO_HEADERS } from "../logged-request.ts";
import type { AccessField, AccessFields } from "./access-fields.ts";
import { CLOCK_TIME_LENGTH, ClockTime } from "./clock-time.ts";
import { parseInstant, toInstant } from "./instant.ts";
import { KnownTexts } from "./known-texts.ts";
import type { LineFormat } from "./line-format.ts";

const SPACE = 0x20;
const DASH = 0x2d;
const DIGIT_0 = 0x30;
const LETTER_A = 0x41;
const LETTER_Z = 0x5a;
const BACKSLASH = 0x5c;

/**
 * Reads lines of an access log where they are, byte by byte, and no further than to the last field that is wanted: no text
 * is made of what nobody asks for.
 */
export class AccessLogFormat implements LineFormat {
  readonly #before: Buffer;
  readonly #fields: readonly AccessField[];
  readonly #clock = new ClockTime();
  readonly #texts = new KnownTexts();
  /** Which fields a line must have: after these it may end early, as the common format does. */
  readonly #needed: number;

  // The line at hand.
  #time = 0;
  #method = "";
  #target = "";
  #targetNumber: number | undefined;
  #ip: string | undefined;
  #ipNumber: number | undefined;
  #status: number | undefined;
  #bytes: number | undefined;
  #durationMs: number | undefined;
  #headers: Record<string, string> | undefined;

  /** Keeps all headers of the format where none are named. */
  constructor({ before, fields }: AccessFields, headersWanted?: ReadonlySet<string>) {
    const wanted = fields.map((field): AccessField => {
      const isUnwanted = field.meaning === "header" && headersWanted && !headersWanted.has(field.header);
      return isUnwanted ? { ...field, meaning: "nothing" } : field;
    });
    this.#before = before;
    this.#fields = wanted.slice(0, wanted.findLastIndex(({ meaning }) => meaning !== "nothing") + 1);
    this.#needed = wanted.findLastIndex(({ meaning }) => NEEDED.has(meaning)) + 1;
  }

  read(bytes: Buffer, start: number, end: number): LoggedRequest | string {
    if (!isAt(bytes, start, end, this.#before)) return OTHER_FORM;
    this.#ip = undefined;
    this.#ipNumber = undefined;
    this.#status = undefined;
    this.#bytes = undefined;
    this.#durationMs = undefined;
    this.#headers = undefined;

    let at = start + this.#before.length;
    for (let i = 0; i < this.#fields.length; i++) {
      const field = this.#fields[i] as AccessField;
      let stop = endOf(bytes, at, end, field);
      if (stop < 0) {
        if (i < this.#needed || field.isQuoted) return OTHER_FORM;
        stop = end;
      }
      const fault = this.#take(field, bytes, at, stop);
      if (fault !== undefined) return fault;
      at = stop + field.after.length;
      if (at >= end && i >= this.#needed - 1) break;
    }
    // Only nginx tells how long it took, and it stamps a request when that has ended.
    const time = toInstant(this.#time - (this.#durationMs ?? 0));
    if (time === undefined) return "it took longer than there has been time";
    return {
      time,
      method: this.#method,
      target: this.#target,
      targetNumber: this.#targetNumber,
      headers: this.#headers ?? NO_HEADERS,
      ip: this.#ip,
      ipNumber: this.#ipNumber,
      bytes: this.#bytes,
      status: this.#status,
      durationMs: this.#durationMs,
    };
  }

  /** Takes over what a field says. Returns what is wrong with it, if anything. */
  #take({ meaning, header }: AccessField, bytes: Buffer, start: number, end: number): string | undefined {
    if (meaning === "nothing") return undefined;
    const isMissing = end - start === 1 && bytes[start] === DASH;
    switch (meaning) {
      case "ip":
        this.#ip = isMissing ? undefined : this.#texts.of(bytes, start, end);
        this.#ipNumber = isMissing ? undefined : this.#texts.number;
        return this.#ip !== undefined && isOtherThanAddress(this.#ip)
          ? "its address is none; --fields says what lines hold"
          : undefined;
      case "clock-time":
        return this.#takeTime(
          this.#clock.read(bytes, start, end),
          "its time is not written as 10/Oct/2000:13:55:36 -0700",
        );
      case "iso-time":
        return this.#takeTime(parseInstant(bytes.toString("latin1", start, end)), "its time is not ISO 8601");
      case "epoch-seconds":
        return this.#takeTime(parseInstant(milliseconds(bytes, start, end)), "its time is not seconds since the epoch");
      case "request":
        return this.#takeRequestLine(bytes, start, end);
      case "method":
        this.#method = this.#texts.of(bytes, start, end).toUpperCase();
        return undefined;
      case "target":
        this.#takeTarget(bytes, start, end);
        return undefined;
      case "status":
        this.#status = wholeNumber(bytes, start, end);
        return this.#status === undefined && !isMissing ? "its status is not a number" : undefined;
      case "bytes":
        this.#bytes = wholeNumber(bytes, start, end);
        return undefined;
      case "duration":
        this.#durationMs = milliseconds(bytes, start, end);
        return undefined;
      case "header":
        if (isMissing) return undefined;
        this.#headers ??= Object.create(null) as Record<string, string>;
        this.#headers[header] = this.#textOf(bytes, start, end);
        return undefined;
    }
  }

  #takeTime(time: number | undefined, fault: string): string | undefined {
    if (time === undefined) return fault;
    this.#time = time;
    return undefined;
  }

  /** `GET /path HTTP/1.1`; HTTP/0.9 has no version. */
  #takeRequestLine(bytes: Buffer, start: number, end: number): string | undefined {
    let methodEnd = start;
    while (methodEnd < end && isOfMethod(bytes[methodEnd] as number)) methodEnd++;
    if (methodEnd === start || bytes[methodEnd] !== SPACE) return "its request is not a method and a path";
    let targetEnd = end;
    for (let i = end - 1; i > methodEnd; i--) {
      if (bytes[i] !== SPACE) continue;
      targetEnd = i;
      break;
    }
    this.#method = this.#texts.of(bytes, start, methodEnd);
    this.#takeTarget(bytes, methodEnd + 1, targetEnd);
    return undefined;
  }

  #takeTarget(bytes: Buffer, start: number, end: number): void {
    this.#target = this.#textOf(bytes, start, end);
    this.#targetNumber = this.#texts.number;
  }

  #textOf(bytes: Buffer, start: number, end: number): string {
    const text = this.#texts.of(bytes, start, end);
    return text.includes("\\") ? unescaped(text) : text;
  }
}

const OTHER_FORM = "it is not in the format of the log";
const NEEDED: ReadonlySet<AccessField["meaning"]> = new Set([
  "clock-time",
  "iso-time",
  "epoch-seconds",
  "request",
  "method",
  "target",
]);

/** Where a field ends: before the text after it, or at the line's end where there is none; -1 where that never comes. */
function endOf(bytes: Buffer, start: number, end: number, { meaning, after, isQuoted }: AccessField): number {
  if (after.length === 0) return end;
  // Of the longest field but one the length is known.
  if (meaning === "clock-time")
    return isAt(bytes, start + CLOCK_TIME_LENGTH, end, after) ? start + CLOCK_TIME_LENGTH : -1;
  const first = after[0] as number;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === first && (after.length === 1 || isAt(bytes, i, end, after))) return i;
    if (byte === BACKSLASH && isQuoted) i++;
  }
  return -1;
}

/**
 * Whether it is a host and its port, which would be the one caller there is, or the first of a list, as of
 * `x-forwarded-for`. Names are taken for addresses: some servers look them up.
 */
function isOtherThanAddress(text: string): boolean {
  return text.endsWith(",") || (text.includes(":") && !isIPv6(text));
}

function isAt(bytes: Buffer, at: number, end: number, text: Buffer): boolean {
  if (end - at < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

function isOfMethod(byte: number): boolean {
  return (byte >= LETTER_A && byte <= LETTER_Z) || byte === DASH;
}

function wholeNumber(bytes: Buffer, start: number, end: number): number | undefined {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - DIGIT_0;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return end > start && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** Reads seconds such as `12.345`. */
function milliseconds(bytes: Buffer, start: number, end: number): number | undefined {
  const text = bytes.toString("latin1", start, end);
  return /^\d{1,12}(\.\d{1,9})?$/.test(text) ? Math.round(Number(text) * 1000) : undefined;
}

/** Undoes what nginx (`\x22`) and Apache (`\"`, `\t`) do to characters that would break a line. */
function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex: string | undefined, character: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return CONTROLS[character] ?? character;
  });
}

const CONTROLS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v" };

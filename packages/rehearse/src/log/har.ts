import { JSONParser, TokenType } from "@streamparser/json";
import { type LoggedRequest, NO_HEADERS } from "../logged-request.ts";
import { parseInstant } from "./instant.ts";
import type { Intake } from "./intake.ts";
import type { LogParser } from "./log-parser.ts";

/** An entry holds the answer's body too. One that is larger takes more memory than a rehearsal may. */
const MOST_BYTES = 32 * 1024 * 1024;
/** No HAR is nested like that, and each level takes memory. */
const MOST_DEPTH = 64;

/** Reads a HAR 1.2 entry by entry, so that one of any size takes no more memory than its largest entry, and the requests at hand. */
export class Har implements LogParser {
  readonly #intake: Intake;
  readonly #headersWanted: ReadonlySet<string> | undefined;
  readonly #parser = new JSONParser({ paths: ["$.log.entries.*"], keepStack: false });
  #entry = 0;
  /** What is wrong with the JSON; nothing can be read after it. */
  #fault: string | undefined;
  #isComplete = false;
  /** About: since a chunk that one ended in. */
  #bytesOfEntry = 0;
  #depth = 0;

  /** Keeps all headers where none are named. */
  constructor(intake: Intake, headersWanted?: ReadonlySet<string>) {
    this.#intake = intake;
    this.#headersWanted = headersWanted;
    this.#parser.onValue = ({ value }) => {
      this.#entry++;
      this.#takeEntry(value);
    };
    this.#parser.onEnd = () => {
      this.#isComplete = true;
    };
    this.#parser.onError = () => {
      this.#fault ??= `it is not JSON after entry ${this.#entry}`;
    };
    this.#parser.onToken = ({ token }) => this.#watchDepth(token);
  }

  take(chunk: Buffer): void {
    if (this.#isComplete) return;
    this.#bytesOfEntry += chunk.length;
    const entry = this.#entry;
    this.#parser.write(chunk);
    if (this.#entry > entry) this.#bytesOfEntry = 0;
    if (this.#bytesOfEntry > MOST_BYTES) {
      this.#fault ??= `entry ${this.#entry + 1} takes more than ${MOST_BYTES / 1024 / 1024} MB`;
    }
    if (this.#fault !== undefined) this.#report(this.#fault);
  }

  end(isCut: boolean): void {
    if (!isCut && !this.#isComplete && this.#fault === undefined) {
      this.#intake.fault("truncated", 0, `its JSON ends in the middle, after entry ${this.#entry}`);
    }
  }

  #watchDepth(token: TokenType): void {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth++;
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth--;
    if (this.#depth <= MOST_DEPTH) return;
    this.#fault = `it is nested more than ${MOST_DEPTH} levels deep after entry ${this.#entry}`;
    // What the parser is stopped by goes to its onError.
    throw new Error(this.#fault);
  }

  #report(fault: string): void {
    this.#isComplete = true;
    this.#intake.fault(this.#entry === 0 ? "other-format" : "unparsable", 0, fault);
  }

  #takeEntry(entry: unknown): void {
    const { url } = fieldsOf(fieldsOf(entry).request);
    if (typeof url === "string" && isOfNoServer(url)) {
      this.#intake.fault("not-http", this.#entry, "no server is asked for its URL");
    } else this.#intake.take(this.#requestOf(entry), this.#entry);
  }

  #requestOf(entry: unknown): LoggedRequest | string {
    const { startedDateTime, time: durationMs, request, response } = fieldsOf(entry);
    const { method, url, headers, bodySize } = fieldsOf(request);
    const time = parseInstant(startedDateTime);
    if (time === undefined) return "its startedDateTime is not ISO 8601";
    if (typeof method !== "string" || typeof url !== "string") return "its request has no method or no url";
    const target = URL.canParse(url) ? targetOf(new URL(url)) : url;
    return {
      time,
      method: method.toUpperCase(),
      target,
      headers: this.#headersOf(headers),
      // A HAR is written where the requests are sent from: of callers' addresses it knows nothing.
      ip: undefined,
      bytes: countOf(bodySize),
      status: countOf(fieldsOf(response).status),
      durationMs: typeof durationMs === "number" && durationMs >= 0 ? durationMs : undefined,
    };
  }

  #headersOf(list: unknown): Readonly<Record<string, string>> {
    if (!Array.isArray(list)) return NO_HEADERS;
    let headers: Record<string, string> | undefined;
    for (const header of list) {
      const { name, value } = fieldsOf(header);
      if (typeof name !== "string" || typeof value !== "string") continue;
      const key = name.toLowerCase();
      if (this.#headersWanted && !this.#headersWanted.has(key)) continue;
      headers ??= Object.create(null) as Record<string, string>;
      headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
    }
    return headers ?? NO_HEADERS;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** `data:`, `blob:`, `chrome-extension:` and the like, which browsers note, too. A WebSocket begins as a request. */
function isOfNoServer(url: string): boolean {
  return URL.canParse(url) && !/^(https?|wss?):$/.test(new URL(url).protocol);
}

/** -1, and a status of 0, stand for what is not known. */
function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
}

function targetOf({ pathname, search }: URL): string {
  return pathname + search;
}

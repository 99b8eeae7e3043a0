import { type AccessFields, COMBINED } from "./access-fields.ts";
import { AccessLogFormat } from "./access-log.ts";
import { beginningOf } from "./beginning.ts";
import { COMBINED_HEADERS, CombinedFormat } from "./combined.ts";
import { Har } from "./har.ts";
import type { Intake } from "./intake.ts";
import type { LineFormat } from "./line-format.ts";
import { Lines } from "./lines.ts";
import type { LogParser } from "./log-parser.ts";
import { NdjsonFormat } from "./ndjson.ts";

/** `combined` is also the common format, and with fields of its own any access log. */
export type LogFormatName = "ndjson" | "combined" | "har";

/** How logs are to be read. */
export interface LogFormatOptions {
  /** Guessed from how the file begins where it is not given. */
  readonly format?: LogFormatName | undefined;
  /** How an access log's lines are made up; the combined format unless given. */
  readonly fields?: AccessFields | undefined;
  /** In lower case, the request headers that somebody will look at; all unless given. */
  readonly headersWanted?: ReadonlySet<string> | undefined;
}

/** What reads a log that begins with these bytes. */
export function parserFor(
  first: Buffer,
  { format, fields, headersWanted }: LogFormatOptions,
  intake: Intake,
): LogParser {
  switch (format ?? (fields ? "combined" : guess(first))) {
    case "ndjson":
      return new Lines(new NdjsonFormat(headersWanted), intake);
    case "har":
      intake.expectDisorder();
      return new Har(intake, headersWanted);
    case "combined":
      if (fields?.hasDuration) intake.expectDisorder();
      return new Lines(accessLogFormat(fields, headersWanted), intake);
  }
}

function accessLogFormat(fields: AccessFields = COMBINED, headersWanted?: ReadonlySet<string>): LineFormat {
  const isQuick = fields === COMBINED && headersWanted && !COMBINED_HEADERS.some((name) => headersWanted.has(name));
  return isQuick ? new CombinedFormat() : new AccessLogFormat(fields, headersWanted);
}

/** No line of NDJSON, but how a HAR begins that is written for people. */
const BRACE_ALONE = /^\{\s*(\n|$)/;
/** What a HAR holds may come after something else, such as the name of a schema. */
const LOG_FIRST = /^\{\s*"log"\s*:\s*(\{|$)/;
const LOG_WITHIN = /^\{.*"log"\s*:\s*\{\s*"(version|creator|browser|pages|entries|comment)"/;

/** What does not begin like JSON is an access log. */
function guess(first: Buffer): LogFormatName {
  const beginning = beginningOf(first);
  if (!beginning.startsWith("{")) return "combined";
  return [BRACE_ALONE, LOG_FIRST, LOG_WITHIN].some((sign) => sign.test(beginning)) ? "har" : "ndjson";
}

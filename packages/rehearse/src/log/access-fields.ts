import { HeadgateError } from "@headgate/core";

/** What a field of an access log says, as far as rehearsing needs it. */
type Meaning =
  | "ip"
  | "clock-time"
  | "iso-time"
  | "epoch-seconds"
  | "request"
  | "method"
  | "target"
  | "status"
  | "bytes"
  | "duration"
  | "header"
  | "nothing";

/** One field, and the text that ends it. */
export interface AccessField {
  readonly meaning: Meaning;
  /** Of the header it holds, in lower case; "" for what is no header. */
  readonly header: string;
  /** Empty for the last one where nothing follows. */
  readonly after: Buffer;
  /** Whether it stands in quotation marks, in which a backslash escapes. */
  readonly isQuoted: boolean;
}

/** How the lines of an access log are made up. */
export interface AccessFields {
  readonly before: Buffer;
  readonly fields: readonly AccessField[];
  /** Whether requests begin so long before their times: lines are in the order in which answers ended. */
  readonly hasDuration: boolean;
}

/**
 * Reads a format as nginx's `log_format` has it: text with `$variables` in it. Those that say nothing of a request's limits
 * are skipped, whatever they are called. Throws `HG_LOG_FIELDS` where two fields have nothing between them, or no field
 * tells the time or what was asked for.
 */
export function parseFields(format: string): AccessFields {
  const names = [...format.matchAll(VARIABLE)];
  const fields = names.map((match, i): AccessField => {
    const name = (match[1] ?? match[2]) as string;
    const end = match.index + match[0].length;
    const after = format.slice(end, names[i + 1]?.index ?? format.length);
    if (after === "" && i < names.length - 1) throw invalid(`nothing stands between $${name} and the next field`);
    const isQuoted = format[match.index - 1] === '"' && after.startsWith('"');
    return { ...meaningOf(name), after: Buffer.from(after, "latin1"), isQuoted };
  });
  const has = (...meanings: Meaning[]): boolean => fields.some(({ meaning }) => meanings.includes(meaning));
  if (!has("clock-time", "iso-time", "epoch-seconds")) {
    throw invalid("no field tells the time: $time_local, $time_iso8601 or $msec");
  }
  if (!has("request") && !(has("method") && has("target"))) {
    throw invalid("no field tells what was asked for: $request, or $request_method and $request_uri");
  }
  return { before: Buffer.from(format.slice(0, names[0]?.index), "latin1"), fields, hasDuration: has("duration") };
}

const VARIABLE = /\$(?:([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})/g;

const MEANINGS: Readonly<Record<string, Meaning>> = {
  remote_addr: "ip",
  time_local: "clock-time",
  time_iso8601: "iso-time",
  msec: "epoch-seconds",
  request: "request",
  request_method: "method",
  request_uri: "target",
  status: "status",
  content_length: "bytes",
  request_time: "duration",
};

function meaningOf(name: string): Pick<AccessField, "meaning" | "header"> {
  if (name.startsWith("http_")) return { meaning: "header", header: name.slice(5).toLowerCase().replaceAll("_", "-") };
  return { meaning: Object.hasOwn(MEANINGS, name) ? (MEANINGS[name] as Meaning) : "nothing", header: "" };
}

function invalid(message: string): HeadgateError {
  return new HeadgateError("HG_LOG_FIELDS", `the format of the log: ${message}`);
}

/**
 * The combined format of nginx and Apache, and the common one, which ends after the size. The second field is Apache's, of
 * RFC 1413; nginx writes a dash.
 */
export const COMBINED: AccessFields = parseFields(
  '$remote_addr $ident $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
);

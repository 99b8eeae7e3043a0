/** A member of a list of strings with parameters, the only shape of structured field (RFC 9651) that rate limits use. */
export interface ListMember {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string | number | boolean>;
}

/** `"name"`, with quotes and backslashes escaped (RFC 9651, section 4.1.6). Characters outside ASCII become `?`. */
export function serializeString(text: string): string {
  return `"${text.replace(/[^ -~]/g, "?").replace(/["\\]/g, "\\$&")}"`;
}

const STRING = /"((?:[ !#-[\]-~]|\\["\\])*)"/y;
/** A parameter's key, and its value where that is an integer, as it mostly is. */
const PARAMETER = /;[ ]*([a-z*][a-z0-9_\-.*]*)(?:=(-?\d{1,15})(?![\d.]))?/y;
const STRING_VALUE = /="((?:[ !#-[\]-~]|\\["\\])*)"/y;
const BYTES_VALUE = /=:([A-Za-z0-9+/=]*):/y;
/** A decimal, a token, a boolean, a date, or a display string. */
const OTHER_VALUE =
  /=(?:-?\d{1,12}\.\d{1,3}|[A-Za-z*][!#$%&'*+\-.^_`|~:/0-9A-Za-z]*|\?[01]|@-?\d{1,15}|%"(?:[ !#$&-~]|%[0-9a-f]{2})*")/y;
const COMMA = /[ \t]*,[ \t]*/y;

/**
 * Parses a list of strings with parameters (RFC 9651, section 4.2.1), or undefined if any part is malformed: then the
 * whole field is to be ignored. Byte sequences come as their base64 text. Of a repeated parameter the last one counts.
 */
export function parseStringList(field: string): ListMember[] | undefined {
  const text = field.trim();
  const members: ListMember[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) return undefined;
    at = pattern.lastIndex;
    return found[1] ?? "";
  };
  const otherValue = (): string | boolean | undefined => {
    const string = match(STRING_VALUE);
    if (string !== undefined) return unescaped(string);
    const bytes = match(BYTES_VALUE) ?? match(OTHER_VALUE);
    if (bytes !== undefined) return bytes;
    return text[at] === "=" ? undefined : true;
  };

  for (;;) {
    const value = match(STRING);
    if (value === undefined) return undefined;
    const parameters = new Map<string, string | number | boolean>();
    while (text[at] === ";") {
      PARAMETER.lastIndex = at;
      const found = PARAMETER.exec(text);
      if (!found) return undefined;
      at = PARAMETER.lastIndex;
      const parameter = found[2] === undefined ? otherValue() : Number(found[2]);
      if (parameter === undefined) return undefined;
      parameters.set(found[1] as string, parameter);
    }
    members.push({ value: unescaped(value), parameters });
    if (at === text.length) return members;
    if (match(COMMA) === undefined) return undefined;
  }
}

function unescaped(text: string): string {
  return text.includes("\\") ? text.replace(/\\(["\\])/g, "$1") : text;
}

/** A member of a list of strings with parameters: what it is called, and what its parameters say. */
export type ParsedMember = [member: string, parameters: Record<string, string | number | boolean>];

// The grammar as RFC 9651 has it in its appendix, type by type.
const STRING = String.raw`"(?:[ !#-\[\]-~]|\\["\\])*"`;
const INTEGER = String.raw`-?\d{1,15}`;
const DECIMAL = String.raw`-?\d{1,12}\.\d{1,3}`;
const TOKEN = String.raw`[A-Za-z*][!#$%&'*+\-.^_\x60|~:/0-9A-Za-z]*`;
const BYTES = ":[A-Za-z0-9+/=]*:";
const BOOLEAN = String.raw`\?[01]`;
const DATE = `@${INTEGER}`;
const DISPLAY_STRING = `%"(?:[ !#$&-~]|%[0-9a-f]{2})*"`;
const VALUE = [DECIMAL, INTEGER, STRING, TOKEN, BYTES, BOOLEAN, DATE, DISPLAY_STRING].join("|");
const KEY = String.raw`[a-z*][a-z0-9_\-.*]*`;
const PARAMETERS = `(?:; *${KEY}(?:=(?:${VALUE}))?)*`;
const LIST = new RegExp(`^${STRING}${PARAMETERS}(?:[ \t]*,[ \t]*${STRING}${PARAMETERS})*$`);
const MEMBER = new RegExp(`(${STRING})(${PARAMETERS})`, "g");
const PARAMETER = new RegExp(`; *(${KEY})(?:=(${VALUE}))?`, "g");

/** All that a list holds; undefined where it is malformed. */
export function naivelyParsed(field: string): ParsedMember[] | undefined {
  const text = field.trim();
  if (!LIST.test(text)) return undefined;
  return Array.from(text.matchAll(MEMBER), ([, name = "", parameters = ""]) => [
    unquoted(name),
    Object.fromEntries(Array.from(parameters.matchAll(PARAMETER), ([, key = "", value]) => [key, meaningOf(value)])),
  ]);
}

function meaningOf(value: string | undefined): string | number | boolean {
  if (value === undefined) return true;
  if (value.startsWith('"')) return unquoted(value);
  if (value.startsWith(":")) return value.slice(1, -1);
  return new RegExp(`^${INTEGER}$`).test(value) ? Number(value) : value;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, "$1");
}

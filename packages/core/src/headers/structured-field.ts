/** `"name"`, with quotes and backslashes escaped (RFC 9651, section 4.1.6). Characters outside ASCII become `?`. */
export function serializeString(text: string): string {
  return `"${text.replace(/[^ -~]/g, "?").replace(/["\\]/g, "\\$&")}"`;
}

const STRING = /"(?:[ !#-[\]-~]|\\["\\])*"/y;
const KEY = /[a-z*][a-z0-9_\-.*]*/y;
const INTEGER = /-?\d{1,15}(?![\d.])/y;
/** A byte sequence, a decimal, a token, a boolean, a date, or a display string. */
const OTHER =
  /:[A-Za-z0-9+/=]*:|-?\d{1,12}\.\d{1,3}|[A-Za-z*][!#$%&'*+\-.^_`|~:/0-9A-Za-z]*|\?[01]|@-?\d{1,15}|%"(?:[ !#$&-~]|%[0-9a-f]{2})*"/y;
const COMMA = /[ \t]*,[ \t]*/y;
const ZERO = "0".charCodeAt(0);

/**
 * Goes through a list of strings with parameters (RFC 9651, section 4.2.1), the only shape of structured field that rate
 * limits use: from member to member, and from parameter to parameter of each.
 *
 *     const list = new StringList('"burst";q=100;w=60, "daily";q=1000000');
 *     while (list.nextMember()) {
 *       const name = list.member;
 *       while (list.nextParameter()) if (list.key === "q") quotas.set(name, list.value);
 *     }
 *     if (list.isMalformed) quotas.clear();
 *
 * Whether it is malformed is known at its end, and then the whole field is to be ignored. Of a repeated parameter the
 * last one counts.
 */
export class StringList {
  /** The member that was come to last. */
  member = "";
  /** The key of the parameter that was come to last. */
  key = "";
  /** Its value: true where it has none, a byte sequence's base64, and as it is written what is no string or integer. */
  value: string | number | boolean = true;
  readonly #text: string;
  /** How far it is read; -1 where it is malformed. */
  #at = 0;

  constructor(field: string) {
    this.#text = field.trim();
  }

  get isMalformed(): boolean {
    return this.#at < 0;
  }

  /** Goes on to the next member, if there is one. Parameters of the one before need not have been looked at. */
  nextMember(): boolean {
    const text = this.#text;
    let from = 0;
    if (this.#at !== 0) {
      while (this.nextParameter());
      if (this.#at === text.length) return false;
      from = endOf(COMMA, text, this.#at);
    }
    this.#at = endOf(STRING, text, from);
    if (this.#at < 0) return false;
    this.member = stringOf(text, from, this.#at);
    return true;
  }

  /** Goes on to the member's next parameter, if it has one. */
  nextParameter(): boolean {
    const text = this.#text;
    if (text[this.#at] !== ";") return false;
    let from = this.#at + 1;
    while (text[from] === " ") from++;
    const end = endOf(KEY, text, from);
    this.key = text.slice(from, end);
    this.value = true;
    this.#at = text[end] === "=" ? this.#readValue(end + 1) : end;
    return this.#at >= 0;
  }

  /** Where it ends. */
  #readValue(from: number): number {
    const text = this.#text;
    const integerEnd = endOf(INTEGER, text, from);
    if (integerEnd >= 0) {
      this.value = integerOf(text, from, integerEnd);
      return integerEnd;
    }
    const isString = text[from] === '"';
    const end = endOf(isString ? STRING : OTHER, text, from);
    this.value = isString || text[from] === ":" ? stringOf(text, from, end) : text.slice(from, end);
    return end;
  }
}

/** Where that ends which begins at `at`; -1 where it is something else. */
function endOf(pattern: RegExp, text: string, at: number): number {
  if (at < 0) return -1;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** What `Number` makes of it, without a text made for that. */
function integerOf(text: string, from: number, end: number): number {
  const isNegative = text[from] === "-";
  let integer = 0;
  for (let at = isNegative ? from + 1 : from; at < end; at++) integer = integer * 10 + text.charCodeAt(at) - ZERO;
  return isNegative ? -integer : integer;
}

/** What stands between quotes, or colons. */
function stringOf(text: string, from: number, end: number): string {
  const inside = text.slice(from + 1, end - 1);
  return inside.includes("\\") ? inside.replace(/\\(["\\])/g, "$1") : inside;
}

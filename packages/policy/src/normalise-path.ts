/**
 * The one way to write a path (RFC 3986, section 6.2.2): what is decided on, and what the upstream sees. Unreserved
 * characters are decoded, other escapes get upper-case digits, characters that do not belong in a path are escaped,
 * runs of slashes become one, and dot segments are resolved.
 *
 * Undefined for paths that servers are known to read differently: escaped slashes, backslashes and control characters,
 * semicolons (some take `;…` off a segment before they look at it), malformed escapes, a fragment, and climbing above the
 * root.
 */
export function normalisePath(path: string): string | undefined {
  if (isPlain(path)) return path;
  const escaped = normaliseEscapes(path);
  return escaped === undefined ? undefined : resolveDots(escaped);
}

/**
 * A pattern of paths written the same way, its wildcards as they are; undefined where nothing that is written so can match
 * it.
 */
export function normalisePattern(pattern: string): string | undefined {
  const literals = pattern.split(WILD).map((literal) => normaliseEscapes(inUtf8(literal)));
  if (literals.includes(undefined)) return undefined;
  const wild = (pattern.match(WILD) ?? []).map((text) => (text.startsWith("%") ? text.toUpperCase() : text));
  return resolveDots(literals.map((literal, i) => `${literal}${wild[i] ?? ""}`).join(""));
}

/**
 * What {@link normaliseEscapes} would take for text, or for malformed: named wildcards, and the beginning of an escape whose
 * end a wildcard stands for. The other wildcard, `*`, is a character that may stand in a path.
 */
const WILD = /\{[^{}/]+\}|%[0-9A-Fa-f]?(?=[*{])/g;

function inUtf8(text: string): string {
  return text.toWellFormed().replaceAll(/[^\0-\x7f]+/g, encodeURIComponent);
}

/** Whether nothing in a path needs a second look: nearly every path there is. */
function isPlain(path: string): boolean {
  let before = 0;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code > 126 || KINDS[code] !== PLAIN) return false;
    if (before === SLASH && (code === SLASH || code === DOT)) return false;
    before = code;
  }
  return true;
}

function normaliseEscapes(path: string): string | undefined {
  let result = "";
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code === PERCENT) {
      const hex = path.slice(i + 1, i + 3);
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) return undefined;
      const byte = Number.parseInt(hex, 16);
      if (byte === SLASH || isRefused(byte)) return undefined;
      result += isUnreserved(byte) ? String.fromCharCode(byte) : `%${hex.toUpperCase()}`;
      i += 2;
    } else if (code === HASH || isRefused(code)) {
      return undefined;
    } else {
      result += code < 127 && KINDS[code] === PLAIN ? path[i] : escapeByte(code);
    }
  }
  return result;
}

function resolveDots(path: string): string | undefined {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") {
      if (segments.pop() === undefined) return undefined;
    } else if (segment !== "" && segment !== ".") {
      segments.push(segment);
    }
  }
  const isFolder = /\/\.{0,2}$/.test(path) && segments.length > 0;
  return `/${segments.join("/")}${isFolder ? "/" : ""}`;
}

const PERCENT = 0x25;
const HASH = 0x23;
const DOT = 0x2e;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;

/** Control characters, semicolons and backslashes, escaped or not. */
function isRefused(code: number): boolean {
  return code < 0x20 || code === DELETE || code === SEMICOLON || code === BACKSLASH;
}

function isUnreserved(code: number): boolean {
  return /[A-Za-z0-9\-._~]/.test(String.fromCharCode(code));
}

function escapeByte(code: number): string {
  return `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** By ASCII code: whether a character may stand in a path as it is. */
const PLAIN = 1;
const KINDS = new Uint8Array(128);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@/") {
  KINDS[character.charCodeAt(0)] = PLAIN;
}

import { parseBearer } from "./bearer.ts";
import type { RawRequest } from "./callers.ts";
import type { CallerSection } from "./schema/callers.ts";
import { listOf } from "./text-format.ts";

/** Reads one value from one place of a request; AMBIGUOUS where the place holds several that differ. */
export type CallerSource = (request: RawRequest) => string | undefined | typeof AMBIGUOUS;

/** A caller named twice: whichever value is taken, the upstream may take the other. */
export const AMBIGUOUS: unique symbol = Symbol("ambiguous");

/** Longer values are nobody's key. They are ignored, not cut: cut values could be made to look alike. */
export const LONGEST_VALUE = 4096;

/**
 * Compiles a caller: the value that its sources agree on; those that have none, or an empty one, do not count. Bearer
 * tokens that begin with one of `butNot` are another caller's.
 */
export function compileCaller(
  section: CallerSection,
  butNot: readonly string[] = [],
  longest: number = LONGEST_VALUE,
): CallerSource {
  const sources: CallerSource[] = [];
  if (section.bearer !== undefined) sources.push(bearer(section.bearer, butNot));
  if (section.header !== undefined) sources.push(header(section.header));
  if (section.query !== undefined) sources.push(query(section.query));
  if (section.cookie !== undefined) sources.push(cookie(section.cookie));
  if (section["jwt-claim"] !== undefined) sources.push(claim(section["jwt-claim"]));
  return (request) => {
    let agreed: string | undefined;
    for (const source of sources) {
      const value = source(request);
      if (value === undefined || value === "") continue;
      if (value === AMBIGUOUS || (agreed !== undefined && value !== agreed)) return AMBIGUOUS;
      if (value.length <= longest) agreed = value;
    }
    return agreed;
  };
}

/** `Authorization: Bearer …` (RFC 6750, section 2.1). The scheme's case does not count. */
function bearer(wanted: true | string | readonly string[], butNot: readonly string[]): CallerSource {
  const prefixes = wanted === true ? [""] : listOf(wanted);
  return (request) => {
    const read = parseBearer(headerOf(request, "authorization"));
    if (read.kind === "ambiguous") return AMBIGUOUS;
    if (read.kind === "none") return undefined;
    const begins = (prefix: string): boolean => read.token.startsWith(prefix);
    return prefixes.some(begins) && !butNot.some(begins) ? read.token : undefined;
  };
}

function header(name: string): CallerSource {
  const key = name.toLowerCase();
  return (request) => headerOf(request, key)?.trim();
}

function query(name: string): CallerSource {
  return ({ query }) => (query === "" ? undefined : onlyOne(new URLSearchParams(query).getAll(name)));
}

/** The cookie of the name (RFC 6265, section 5.4), without quotes and percent-decoded where that is possible. */
function cookie(name: string): CallerSource {
  return (request) => {
    const values: string[] = [];
    for (const pair of headerOf(request, "cookie", "; ")?.split(";") ?? []) {
      const equals = pair.indexOf("=");
      if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
      const value = pair.slice(equals + 1).trim();
      values.push(percentDecoded(/^".*"$/.test(value) ? value.slice(1, -1) : value));
    }
    return onlyOne(values);
  };
}

function onlyOne(values: readonly string[]): string | undefined | typeof AMBIGUOUS {
  const [first] = values;
  return values.some((value) => value !== first) ? AMBIGUOUS : first;
}

/** A claim of the bearer token. An ambiguous one has none here, and may have some for the upstream. */
function claim(name: string): CallerSource {
  return ({ headers, jwtClaims }) => {
    if (parseBearer(headerOf({ headers }, "authorization")).kind === "ambiguous") return AMBIGUOUS;
    const value = jwtClaims && Object.hasOwn(jwtClaims, name) ? jwtClaims[name] : undefined;
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
}

/** A header as one value: of several the first, unless they are parts of one. */
function headerOf({ headers }: Pick<RawRequest, "headers">, key: string, separator?: string): string | undefined {
  const value = headers[key];
  if (value === undefined || typeof value === "string") return value;
  return separator === undefined ? value[0] : value.join(separator);
}

function percentDecoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

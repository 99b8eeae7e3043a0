import type { RawRequest } from "./callers.ts";
import type { CallerSection } from "./schema/callers.ts";
import { listOf } from "./text-format.ts";

/** Reads one value from one place of a request. */
export type CallerSource = (request: RawRequest) => string | undefined;

/** Longer values are nobody's key. They are ignored, not cut: cut values could be made to look alike. */
const LONGEST_VALUE = 4096;

/** Compiles a caller: its sources in order, the first value that is not empty. */
export function compileCaller(section: CallerSection): CallerSource {
  const sources: CallerSource[] = [];
  if (section.bearer !== undefined) sources.push(bearer(section.bearer));
  if (section.header !== undefined) sources.push(header(section.header));
  if (section.query !== undefined) sources.push(query(section.query));
  if (section.cookie !== undefined) sources.push(cookie(section.cookie));
  if (section["jwt-claim"] !== undefined) sources.push(claim(section["jwt-claim"]));
  return (request) => {
    for (const source of sources) {
      const value = source(request);
      if (value !== undefined && value !== "" && value.length <= LONGEST_VALUE) return value;
    }
    return undefined;
  };
}

/** `Authorization: Bearer …` (RFC 6750, section 2.1). The scheme's case does not count. */
function bearer(wanted: true | string | readonly string[]): CallerSource {
  const prefixes = wanted === true ? [""] : listOf(wanted);
  return (request) => {
    const value = headerOf(request, "authorization");
    if (value === undefined || !/^bearer /i.test(value)) return undefined;
    const token = value.slice("bearer ".length).trim();
    return prefixes.some((prefix) => token.startsWith(prefix)) ? token : undefined;
  };
}

function header(name: string): CallerSource {
  const key = name.toLowerCase();
  return (request) => headerOf(request, key)?.trim();
}

function query(name: string): CallerSource {
  return ({ query }) => (query === "" ? undefined : (new URLSearchParams(query).get(name) ?? undefined));
}

/** The first cookie of the name (RFC 6265, section 5.4), without quotes and percent-decoded where that is possible. */
function cookie(name: string): CallerSource {
  return (request) => {
    for (const pair of headerOf(request, "cookie", "; ")?.split(";") ?? []) {
      const equals = pair.indexOf("=");
      if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
      const value = pair.slice(equals + 1).trim();
      return percentDecoded(/^".*"$/.test(value) ? value.slice(1, -1) : value);
    }
    return undefined;
  };
}

function claim(name: string): CallerSource {
  return ({ jwtClaims }) => {
    const value = jwtClaims && Object.hasOwn(jwtClaims, name) ? jwtClaims[name] : undefined;
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
}

/** A header as one value: of several the first, unless they are parts of one. */
function headerOf({ headers }: RawRequest, key: string, separator?: string): string | undefined {
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

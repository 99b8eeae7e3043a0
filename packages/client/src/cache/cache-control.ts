/** The directives of a `Cache-Control` field by their names in lower case; those without an argument are empty. */
export type Directives = ReadonlyMap<string, string>;

const DIRECTIVE = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,"]*)))?/g;

/**
 * Parses `Cache-Control` (RFC 9111, section 5.2). Of a directive that is there twice the first counts, as section 4.2.1
 * has it. What is malformed is a directive that nobody knows.
 */
export function parseCacheControl(field: string): Directives {
  const directives = new Map<string, string>();
  for (const [, name = "", quoted, plain = ""] of field.matchAll(DIRECTIVE)) {
    const key = name.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted ?? plain);
  }
  return directives;
}

/** The directives that headers carry: `Pragma: no-cache` speaks where `Cache-Control` is missing (section 5.4). */
export function directivesOf(headers: Headers): Directives {
  return parseCacheControl(headers.get("cache-control") ?? headers.get("pragma") ?? "");
}

/** Greater numbers than this are this (section 1.2.2). */
const MOST_SECONDS = 2 ** 31;

/** What a directive says in seconds, as ms: 0 where that cannot be read, as the careful side; undefined without one. */
export function durationOf(directives: Directives, name: string): number | undefined {
  const text = directives.get(name);
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? Math.min(Number(text), MOST_SECONDS) * 1000 : 0;
}

import { YamlSource } from "../yaml-source.ts";

/** An OpenAPI document, as far as it is read here. */
export interface ApiDocument {
  readonly openapi: string;
  readonly servers?: unknown;
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export type ApiPathItem = Readonly<Record<string, unknown>>;

/** The methods that a path item can have operations for, as it writes them. */
export const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

const LARGEST_MB = 10;

/** References that lead on to others, at most. */
const MOST_STEPS = 10;

/** Reads a document in YAML or JSON. Throws an Error whose message says what is wrong with it. */
export function parseApiDocument(text: string): ApiDocument {
  if (text.length > LARGEST_MB * 1024 ** 2) throw new Error(`it is larger than ${LARGEST_MB} MB`);
  const source = new YamlSource(text);
  const [unreadable] = source.faults();
  if (unreadable) throw new Error(`line ${unreadable.line}: ${unreadable.message}`);
  const value = source.value();
  const fault = documentFault(value);
  if (fault !== undefined) throw new Error(fault);
  return value as ApiDocument;
}

/** What is wrong with a value that should be an OpenAPI 3 document; undefined where nothing is. */
function documentFault(value: unknown): string | undefined {
  if (!isObject(value)) return "it is not an OpenAPI document";
  if (typeof value.swagger === "string") return `it is of version ${value.swagger}; OpenAPI 3.0 and 3.1 are read`;
  if (typeof value.openapi !== "string") return "it is not an OpenAPI document: it has no field openapi";
  if (!/^3\.[01]\./.test(value.openapi)) return `it is of version ${value.openapi}; OpenAPI 3.0 and 3.1 are read`;
  return value.paths === undefined || isObject(value.paths) ? undefined : "its paths are not a map";
}

/** A path item, behind its reference if it is one. Throws an Error where that leads out of the document, or nowhere. */
export function followed(document: ApiDocument, value: unknown, place: string): ApiPathItem {
  let item = value;
  for (let step = 0; step < MOST_STEPS; step++) {
    if (!isObject(item)) throw new Error(`${place} is not a map`);
    const { $ref } = item;
    if ($ref === undefined) return item;
    if (typeof $ref !== "string" || !$ref.startsWith("#/")) {
      throw new Error(
        `${place} refers to ${String($ref).slice(0, 200)}, which is not read: bundle it all into one file`,
      );
    }
    item = valueAt(document, $ref);
  }
  throw new Error(`${place} has references that lead in a circle`);
}

/** What a JSON Pointer after `#` (RFC 6901, section 6) leads to; undefined where that is nothing. */
function valueAt(document: ApiDocument, ref: string): unknown {
  return ref
    .slice(2)
    .split("/")
    .map((token) => decoded(token).replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(
      (value, token) => (isObject(value) && Object.hasOwn(value, token) ? value[token] : undefined),
      document,
    );
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

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

/** The paths that a document has; extensions may stand among them. */
export function pathsOf({ paths = {} }: ApiDocument): string[] {
  return Object.keys(paths).filter((name) => !name.startsWith("x-"));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

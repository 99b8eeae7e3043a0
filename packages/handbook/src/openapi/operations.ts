import { HeadgateError } from "@headgate/core";
import { type ApiDocument, basePathsOf, METHODS } from "@headgate/policy";
import { pathLike } from "../staged/request-for.ts";
import type { Json, Place } from "./overlay.ts";

/** One operation of a document. */
export interface Operation {
  /** Where it is written, behind references. */
  readonly place: Place;
  readonly value: Json;
  /** Upper case. */
  readonly method: string;
  /** A path as the gate would see it, with the server's base path. */
  readonly path: string;
}

const MOST_STEPS = 10;

/** Every operation of a document, each once. Throws `HG_DOCS_OPENAPI` where one is not in it. */
export function operationsOf(document: ApiDocument): Operation[] {
  const paths = Object.keys(document.paths ?? {}).filter((name) => !isExtension(name));
  return paths.flatMap((path) => {
    const { place, value: item } = resolved(document, ["paths", path]);
    return METHODS.flatMap((method): Operation[] => {
      const value = item[method];
      if (!isMap(value)) return [];
      const [base = ""] = basePathsOf(document, item, value);
      return [{ place: [...place, method], value, method: method.toUpperCase(), path: pathLike(`${base}${path}`) }];
    });
  });
}

/** A map of the document and where it is written: somewhere else, where a reference stands in its place. */
export function resolved(document: ApiDocument, place: Place): { readonly place: Place; readonly value: Json } {
  let current = place;
  for (let step = 0; step < MOST_STEPS; step++) {
    const value = valueAt(document, current);
    if (!isMap(value)) throw fault(`${current.join("/")} is not there, or not a map`);
    const { $ref } = value;
    if ($ref === undefined) return { place: current, value };
    if (typeof $ref !== "string" || !$ref.startsWith("#/")) {
      throw fault(`${current.join("/")} refers to ${String($ref).slice(0, 200)}: bundle it all into one document`);
    }
    current = $ref
      .slice(2)
      .split("/")
      .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  throw fault(`${place.join("/")} has references that lead in a circle`);
}

function valueAt(document: ApiDocument, place: Place): unknown {
  return place.reduce<unknown>(
    (value, name) => (isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    document,
  );
}

export function isMap(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a field is the API's own affair: it may hold anything. */
export function isExtension(name: string): boolean {
  return name.startsWith("x-");
}

function fault(message: string): HeadgateError {
  return new HeadgateError("HG_DOCS_OPENAPI", message);
}

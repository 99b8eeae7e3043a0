import { type ApiDocument, basePathsOf, METHODS, type Place, pathsOf, resolved } from "@headgate/policy";
import { pathLike } from "../staged/request-for.ts";
import type { Json } from "./overlay.ts";

/** One operation of a document. */
export interface Operation {
  /** Where it is written, behind references. */
  readonly place: Place;
  readonly value: Json;
  /** Upper case. */
  readonly method: string;
  /** Paths as the gate would see them, with the base path of each server: at least one. */
  readonly paths: readonly string[];
}

/** Every operation of a document, each once, however many paths refer to it. Throws an Error where one is not in it. */
export function operationsOf(document: ApiDocument): Operation[] {
  const found = pathsOf(document).flatMap((path) => operationsAt(document, path));
  return [...Map.groupBy(found, ({ place }) => JSON.stringify(place)).values()].map((same) => ({
    ...(same[0] as Operation),
    paths: same.flatMap(({ paths }) => paths),
  }));
}

function operationsAt(document: ApiDocument, path: string): Operation[] {
  const { place, value: item } = resolved(document, ["paths", path]);
  return METHODS.flatMap((method): Operation[] => {
    const value = item[method];
    if (!isMap(value)) return [];
    const paths = basePathsOf(document, item, value).map((base) => pathLike(`${base}${path}`));
    return [{ place: [...place, method], value, method: method.toUpperCase(), paths }];
  });
}

export function isMap(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a field is the API's own affair: it may hold anything. */
export function isExtension(name: string): boolean {
  return name.startsWith("x-");
}

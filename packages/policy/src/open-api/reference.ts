import { type ApiDocument, isObject } from "./document.ts";

/** The names on the way to a place in a document, from its top. */
export type Place = readonly string[];

/** References that lead on to others, at most. */
const MOST_STEPS = 10;

/**
 * A map of the document and where it is written: somewhere else, where a reference stands in its place. Throws an Error
 * where that leads out of the document, or to no map.
 */
export function resolved(
  document: ApiDocument,
  place: Place,
): { readonly place: Place; readonly value: Readonly<Record<string, unknown>> } {
  let current = place;
  for (let step = 0; step < MOST_STEPS; step++) {
    const value = valueAt(document, current);
    if (!isObject(value)) throw new Error(`${place.join(".")} is not a map`);
    const { $ref } = value;
    if ($ref === undefined) return { place: current, value };
    if (typeof $ref !== "string" || !$ref.startsWith("#/")) {
      const target = String($ref).slice(0, 200);
      throw new Error(`${place.join(".")} refers to ${target}, which is not read: bundle it all into one file`);
    }
    current = placeOf($ref);
  }
  throw new Error(`${place.join(".")} has references that lead in a circle`);
}

/** Where a JSON Pointer after `#` (RFC 6901, section 6) leads to. */
function placeOf(ref: string): Place {
  return ref
    .slice(2)
    .split("/")
    .map((token) => decoded(token).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

function valueAt(document: ApiDocument, place: Place): unknown {
  return place.reduce<unknown>(
    (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    document,
  );
}

import type { Place } from "@headgate/policy";

/** An Overlay document (OpenAPI Overlay Specification 1.0.0). */
export interface Overlay {
  readonly overlay: "1.0.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly actions: readonly OverlayAction[];
}

/** One change of the document. */
export interface OverlayAction {
  /** A JSONPath (RFC 9535) to one place. */
  readonly target: string;
  readonly update?: Json;
  readonly remove?: true;
}

export type Json = { readonly [field: string]: unknown };

/** A change, with its place as the names on the way there. */
export type Change =
  | { readonly place: Place; readonly update: Json }
  | { readonly place: Place; readonly remove: true };

/** Changes as an Overlay document. */
export function overlayOf(title: string, changes: readonly Change[]): Overlay {
  const actions = changes.map(({ place, ...change }) => ({ target: jsonPath(place), ...change }));
  return { overlay: "1.0.0", info: { title, version: "1.0.0" }, actions };
}

/** Carries out changes on a copy of a document, as the specification says of actions: maps merge, all else is replaced. */
export function changed(document: Json, changes: readonly Change[]): Json {
  const copy = structuredClone(document) as MutableJson;
  for (const change of changes) {
    const parent = "remove" in change ? at(copy, change.place.slice(0, -1)) : at(copy, change.place);
    if (parent === undefined) continue;
    if ("remove" in change) delete parent[change.place.at(-1) as string];
    else merge(parent, change.update);
  }
  return copy;
}

type MutableJson = { [field: string]: unknown };

function at(document: MutableJson, place: Place): MutableJson | undefined {
  let value: unknown = document;
  for (const name of place) value = isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return isMap(value) ? value : undefined;
}

function merge(target: MutableJson, update: Json): void {
  for (const [name, value] of Object.entries(update)) {
    const there = Object.hasOwn(target, name) ? target[name] : undefined;
    if (isMap(there) && isMap(value)) merge(there, value);
    else
      Object.defineProperty(target, name, {
        value: structuredClone(value),
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
}

function isMap(value: unknown): value is MutableJson {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `$.paths['/v1/events'].get`: names that are no identifiers in brackets. */
function jsonPath(place: Place): string {
  const steps = place.map((name) =>
    /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `['${name.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n")}']`,
  );
  return `$${steps.join("")}`;
}

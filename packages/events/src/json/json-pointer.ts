/** The names and numbers that lead to a value, from the outermost on; none for the outermost itself. */
export type JsonPath = readonly (string | number)[];

/** A path as a JSON pointer in a URI fragment (RFC 6901, section 6): `#/metadata/a~1b`, `#` for the whole. */
export function pointerTo(path: JsonPath): string {
  return fragmentOf(path.map((step) => `/${shown(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
}

/** A JSON pointer, written as a URI fragment. */
export function fragmentOf(pointer: string): string {
  return `#${encodeURI(pointer.toWellFormed()).replaceAll("#", "%23")}`;
}

/** A path for people: `actor.id`, "" for the whole. */
export function dotted(path: JsonPath): string {
  return path.map(shown).join(".");
}

/** A name may be as long as a body, and half a surrogate pair. */
function shown(step: string | number): string {
  return String(step).slice(0, 100).toWellFormed();
}

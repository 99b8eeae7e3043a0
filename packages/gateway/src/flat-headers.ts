import type { HeaderPair } from "@headgate/core";

/** Adds pairs to names and values in turn, as node:http and undici take them. */
export function pushPairs(into: string[], pairs: readonly HeaderPair[]): void {
  for (const pair of pairs) into.push(pair[0], pair[1]);
}

/** Whether names and values in turn hold a header of this lower-case name. */
export function hasName(flat: readonly string[], lowerName: string): boolean {
  for (let i = 0; i < flat.length; i += 2) if (flat[i]?.toLowerCase() === lowerName) return true;
  return false;
}

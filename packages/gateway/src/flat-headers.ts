import type { HeaderPair } from "@headgate/core";

/** Adds pairs to names and values in turn, as node:http and undici take them. */
export function pushPairs(into: string[], pairs: readonly HeaderPair[]): void {
  for (const pair of pairs) into.push(pair[0], pair[1]);
}

import type { Endpoints } from "./endpoints.ts";
import type { Facts } from "./facts.ts";

/** Words that `per` takes beside the names of callers. */
export const PER_WORDS: readonly string[] = ["endpoint", "method"];

/** One value that a counter belongs to, or undefined where the request lacks it. */
export type PartitionPart = (facts: Facts) => string | undefined;

export function partitionPart(word: string, endpoints: Endpoints): PartitionPart {
  if (word === "method") return ({ method }) => method;
  if (word === "endpoint") return ({ method, path }) => endpoints.patternOf(method, path);
  return ({ callers }) => callers[word];
}

/**
 * Compiles `per` to the partition key; undefined where the request lacks a caller. All values but the last are written
 * with their length before them, so that no value can be made to look like two.
 */
export function compilePartition(per: readonly string[], endpoints: Endpoints): PartitionPart {
  const parts = per.map((word) => partitionPart(word, endpoints));
  const last = parts.pop();
  if (last === undefined) return () => "";
  if (parts.length === 0) return last;
  return (facts) => {
    let key = "";
    for (const part of parts) {
      const value = part(facts);
      if (value === undefined) return undefined;
      key += `${value.length}:${value}`;
    }
    const value = last(facts);
    return value === undefined ? undefined : key + value;
  };
}

/**
 * The partition key that {@link compilePartition} makes of a request with these values, by the words of `per`; undefined
 * where one is missing. For asking about counters without a request at hand.
 */
export function partitionKey(per: readonly string[], values: Readonly<Record<string, string>>): string | undefined {
  let key = "";
  for (const [i, word] of per.entries()) {
    const value = values[word];
    if (value === undefined) return undefined;
    key += i === per.length - 1 ? value : `${value.length}:${value}`;
  }
  return key;
}

import { hash } from "node:crypto";
import type { Limit } from "@headgate/core";
import { counterNumber } from "./counter-number.ts";

/** Partitions whose keys are kept, and the longest that are: they are callers' own words, and may be as long as those like. */
const MOST_KEPT = 10_000;
const LONGEST_KEPT = 256;
/** 22 characters of base64url are 132 bits: nobody finds two partitions with the same tag. */
const TAG_LENGTH = 22;

/**
 * Names the keys that counters have in Redis: `hg:{tag}` for all of a partition. The tag is a hash of the partition, so
 * that no key holds a credential, any partition makes a key of its own, and what counts one partition is in one slot of a
 * Cluster.
 */
export class PartitionKeys {
  readonly #prefix: string;
  readonly #keys = new Map<string, string>();
  /** The claims of a request are mostly about one partition: to compare it costs a tenth of looking it up. */
  #last: { readonly partition: string; readonly key: string } | undefined;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The key that a limit's counter for a partition is in. */
  keyOf(limit: Limit, partition: string): string {
    return hasOwnKey(limit) ? this.ownKeyOf(limit, partition) : this.#keyOf(partition);
  }

  /** A key that belongs to one counter alone. */
  ownKeyOf(limit: Limit, partition: string): string {
    return this.#keyOf(partition) + counterNumber(limit).toString(36);
  }

  #keyOf(partition: string): string {
    if (this.#last?.partition === partition) return this.#last.key;
    const key = this.#keys.get(partition) ?? this.#remember(partition);
    this.#last = { partition, key };
    return key;
  }

  #remember(partition: string): string {
    const key = `${this.#prefix}:{${partitionTag(partition)}}`;
    if (partition.length > LONGEST_KEPT) return key;
    if (this.#keys.size >= MOST_KEPT) this.#keys.clear();
    this.#keys.set(partition, key);
    return key;
  }
}

/** Whether a limit's counter has a key of its own: that of concurrency holds all who are in flight. */
export function hasOwnKey({ algorithm }: Limit): boolean {
  return algorithm === "concurrency";
}

/** Of UTF-16, because UTF-8 would make one text of all lone surrogates. */
function partitionTag(partition: string): string {
  return hash("sha256", Buffer.from(partition, "utf16le"), "base64url").slice(0, TAG_LENGTH);
}

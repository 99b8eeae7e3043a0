import { hash } from "node:crypto";
import type { Limit } from "@headgate/core";

/** Partitions whose tags are kept, and the longest that are: they are callers' own words, and may be as long as those like. */
const MOST_KEPT = 10_000;
const LONGEST_KEPT = 256;
/** 22 characters of base64url are 132 bits: nobody finds two partitions with the same tag. */
const TAG_LENGTH = 22;

/**
 * Names the keys that counters have in Redis: `hg:{tag}counter`. The tag is a hash of the partition, so that no key holds
 * a credential, any partition makes a key of its own, and what counts one partition is in one slot of a Cluster.
 */
export class PartitionKeys {
  readonly #prefix: string;
  readonly #tags = new Map<string, string>();
  readonly #counters = new WeakMap<Limit["counterId"], string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The key of a limit's counter for a partition. */
  keyOf(limit: Limit, partition: string): string {
    return `${this.#prefix}:{${this.#tagOf(partition)}}${this.#counterOf(limit)}`;
  }

  #tagOf(partition: string): string {
    const known = this.#tags.get(partition);
    if (known !== undefined) return known;
    const tag = partitionTag(partition);
    if (partition.length > LONGEST_KEPT) return tag;
    if (this.#tags.size >= MOST_KEPT) this.#tags.clear();
    this.#tags.set(partition, tag);
    return tag;
  }

  #counterOf({ counterId }: Limit): string {
    const known = this.#counters.get(counterId);
    if (known !== undefined) return known;
    const counter = counterId.map((half) => (half >>> 0).toString(36)).join("-");
    this.#counters.set(counterId, counter);
    return counter;
  }
}

/** Of UTF-16, because UTF-8 would make one text of all lone surrogates. */
function partitionTag(partition: string): string {
  return hash("sha256", Buffer.from(partition, "utf16le"), "base64url").slice(0, TAG_LENGTH);
}

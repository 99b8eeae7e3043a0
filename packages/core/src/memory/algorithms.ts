import type { Algorithm } from "../algorithm.ts";
import { concurrency } from "../algorithms/concurrency.ts";
import { fixedWindow } from "../algorithms/fixed-window.ts";
import { slidingWindow } from "../algorithms/sliding-window.ts";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import type { AlgorithmName } from "../limit.ts";
import type { Holders } from "./holders.ts";

/** The algorithms by name, over one memory's holders. */
export function algorithmsOf(holders: Holders): Record<AlgorithmName, Algorithm> {
  return {
    "fixed-window": fixedWindow,
    "sliding-window": slidingWindow,
    "token-bucket": tokenBucket,
    concurrency: concurrency(holders),
  };
}

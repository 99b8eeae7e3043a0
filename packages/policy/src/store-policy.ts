import { parseDuration } from "./duration.ts";
import type { StoreSection } from "./schema/store.ts";

/** Where a policy wants its counters. */
export type StorePolicy =
  | { readonly kind: "memory" }
  | {
      readonly kind: "redis";
      /** As the file has it, password and all; undefined: what the environment says. */
      readonly url: string | undefined;
      /** Asked for each request, or for chunks ahead of use. */
      readonly mode: "exact" | "leased";
      /** How long a request waits for its counters, at most. */
      readonly budgetMs: number;
      /** What the names of keys begin with. */
      readonly prefix: string;
    };

/** What holds of a Redis where a policy does not say, or where the environment alone names it. */
export const DEFAULT_REDIS: Extract<StorePolicy, { kind: "redis" }> = Object.freeze({
  kind: "redis",
  url: undefined,
  mode: "exact",
  budgetMs: 50,
  prefix: "hg",
});

/** Undefined where the file does not say where counters live. */
export function compileStore({ memory, redis }: StoreSection = {}): StorePolicy | undefined {
  if (redis === undefined) return memory && { kind: "memory" };
  return {
    kind: "redis",
    url: redis.url,
    mode: redis.mode ?? DEFAULT_REDIS.mode,
    budgetMs: parseDuration(redis.budget ?? "") ?? DEFAULT_REDIS.budgetMs,
    prefix: redis.prefix ?? DEFAULT_REDIS.prefix,
  };
}

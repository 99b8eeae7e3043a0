import * as z from "zod";
import { parseDuration } from "../duration.ts";
import { textFormat } from "../text-format.ts";

/** Where counters live. */
export interface StoreSection {
  readonly memory?: { readonly "max-partitions"?: number | undefined } | undefined;
  readonly redis?: RedisSection | undefined;
}

/** Which Redis or Valkey, and how it is asked. */
interface RedisSection {
  readonly url?: string | undefined;
  readonly mode?: "exact" | "leased" | undefined;
  readonly budget?: string | undefined;
  readonly prefix?: string | undefined;
}

const LONGEST_BUDGET_MS = 10_000;
const URL_START = /^rediss?(\+(sentinel|cluster))?:\/\/[^/\s]/;
/** Without braces: what is between the first pair of them says which server of a Cluster a key is on. */
const PREFIX = /^[\w.:-]{1,64}$/;

/** What is behind the scheme is for the client to read, and may hold a password: no message repeats it. */
const urlSchema = textFormat({
  code: "HG_POLICY_URL",
  description: "Where it is: redis://host:port, or rediss:// for TLS. Default what REDIS_URL says in the environment.",
  hint: "redis://, redis+sentinel:// or redis+cluster:// and hosts; with rediss instead of redis for TLS",
  pattern: URL_START.source,
  fault: (text) => (URL_START.test(text) ? undefined : "the URL is not one of a Redis"),
});

const budgetSchema = textFormat({
  code: "HG_POLICY_DURATION",
  description: "How long a request waits for its counters before on-store-error holds. Default 50ms.",
  hint: "a duration from 1ms to 10s, such as 50ms",
  fault: budgetFault,
});

function budgetFault(text: string): string | undefined {
  const ms = parseDuration(text);
  if (ms === undefined) return `"${text}" is not a duration`;
  return ms < 1 || ms > LONGEST_BUDGET_MS ? `"${text}" is not between 1ms and 10s` : undefined;
}

const prefixSchema = textFormat({
  code: "HG_POLICY_NAME",
  description: "What the names of keys begin with. Gates that share counters have the same. Default hg.",
  hint: "up to 64 letters, digits, `_`, `.`, `:` and `-`",
  pattern: PREFIX.source,
  fault: (text) => (PREFIX.test(text) ? undefined : `"${text.slice(0, 80)}" cannot be the prefix of keys`),
});

export const storeSchema: z.ZodType<StoreSection> = z.strictObject({
  memory: z
    .strictObject({
      "max-partitions": z
        .int()
        .min(1)
        .max(2 ** 27)
        .optional()
        .describe("Counters to have room for at once. Default 1000000."),
    })
    .optional()
    .describe("Counters in this process's memory."),
  redis: z
    .strictObject({
      url: urlSchema.optional(),
      mode: z
        .enum(["exact", "leased"])
        .optional()
        .describe("Ask for each request, or take chunks ahead of use. Default exact."),
      budget: budgetSchema.optional(),
      prefix: prefixSchema.optional(),
    })
    .optional()
    .describe("Counters in Redis or Valkey, shared by many processes."),
});

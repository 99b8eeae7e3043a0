import Type, { type TUnsafe } from "typebox";
import type { Usage } from "../../usage.ts";
import { isoOf } from "../instants.ts";
import { instantOrNull, recordSchema, refTo } from "../schema.ts";

/** One counter as the API shows it. */
export interface UsageJson {
  readonly limit: string;
  readonly per: Readonly<Record<string, string>>;
  readonly quota: number | null;
  readonly used: number;
  readonly remaining: number | null;
  readonly reset_at: string | null;
  readonly reset_ms: number;
}

/** The counters of a caller as the API shows them. */
export interface UsageReportJson {
  readonly items: readonly UsageJson[];
  readonly complete: boolean;
}

export const usageSchema: TUnsafe<UsageJson> = recordSchema<UsageJson>(
  "Usage",
  {
    limit: Type.String({ description: "The limit's name." }),
    per: Type.Record(Type.String(), Type.String(), {
      description: 'What the counter counts by. An endpoint of `""` is every unlisted route.',
    }),
    quota: Type.Unsafe({
      type: ["integer", "null"],
      description: "What this caller has, by its plan and overrides; null where the limit does not hold for it.",
    }),
    used: Type.Number({ description: "Units used." }),
    remaining: Type.Unsafe({
      type: ["number", "null"],
      description: "What is left; below zero where more was used than the quota is by now.",
    }),
    reset_at: instantOrNull("When the whole quota is there again; null where nothing is used."),
    reset_ms: Type.Number({ minimum: 0, description: "How long that is from now." }),
  },
  {
    description: "How one counter stands for one caller.",
    examples: [
      {
        limit: "writes",
        per: { account: "acc_01k5j8y3m2q4r6s8t0v2w4x6z8", endpoint: "/v1/meters/{id}" },
        quota: 250,
        used: 12,
        remaining: 238,
        reset_at: "2030-01-01T00:05:00.000Z",
        reset_ms: 288_000,
      },
    ],
  },
);

export const usageReportSchema: TUnsafe<UsageReportJson> = recordSchema<UsageReportJson>(
  "UsageReport",
  {
    items: Type.Array(refTo(usageSchema)),
    complete: Type.Boolean({ description: "False where an account has more keys, tokens or counters than are read." }),
  },
  { description: "The counters of a caller that are in use, and one of each limit in any case." },
);

export function usageJson({ limit, per, quota, used, remaining, resetMs }: Usage, now: number): UsageJson {
  return {
    limit,
    per,
    quota: quota ?? null,
    used,
    remaining: remaining ?? null,
    reset_at: used > 0 ? isoOf(now + resetMs) : null,
    reset_ms: resetMs,
  };
}

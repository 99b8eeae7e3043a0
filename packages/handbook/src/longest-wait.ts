import type { Limit } from "@headgate/core";
import type { Cost, PolicyLimit } from "@headgate/policy";

/**
 * How long a limit can have its callers wait, in ms, on any plan. Only what nobody can know beforehand takes longer: what a
 * token bucket is owed for costs that answers tell, or for refused requests that count.
 */
export function longestWaitMs({ limit, plans, cost }: PolicyLimit): number {
  return Math.max(...[limit, ...plans.values()].map((each) => longestOf(each, cost)));
}

function longestOf({ algorithm, calendar, windowMs, quota, capacity }: Limit, cost: Cost): number {
  switch (algorithm) {
    case "fixed-window":
      return calendar ? LONGEST_MS[calendar.unit] : windowMs;
    case "sliding-window":
      // Until this window is the one before, and then until enough of that is past.
      return 2 * windowMs;
    case "token-bucket": {
      const most = cost.kind === "units" ? cost.units : capacity;
      return Math.ceil((most * windowMs) / quota);
    }
    case "concurrency":
      return windowMs;
  }
}

/** A day of 25 hours, and a month of 31 days that has one. */
const LONGEST_MS = { day: 25 * 3_600_000, month: (31 * 24 + 1) * 3_600_000 };

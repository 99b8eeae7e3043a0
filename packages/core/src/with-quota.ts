import { type Limit, largestQuota } from "./limit.ts";

const made = new WeakMap<Limit, Map<number, Limit>>();
/** Of one limit. Who has more callers with quotas of their own than this pays for making them again. */
const MOST_KEPT = 1000;

/**
 * The same limit with another quota, for a caller that has its own: the same counters, so what was used stays used. A
 * burst grows and shrinks in proportion. The quota is kept within what can be counted: 1 to 2^40, and less for the
 * algorithms that multiply it by the window.
 */
export function withQuota(limit: Limit, quota: number): Limit {
  const known = made.get(limit) ?? new Map<number, Limit>();
  made.set(limit, known);
  const existing = known.get(quota);
  if (existing) return existing;
  if (known.size >= MOST_KEPT) known.clear();
  const changed = rescaled(limit, quota);
  known.set(quota, changed);
  return changed;
}

function rescaled(limit: Limit, quota: number): Limit {
  const most = largestQuota(limit);
  const within = (units: number): number => Math.min(Math.max(Math.round(units), 1), most);
  const capacity = limit.capacity === limit.quota ? quota : (limit.capacity / limit.quota) * quota;
  return Object.freeze({ ...limit, quota: within(quota), capacity: within(capacity) });
}

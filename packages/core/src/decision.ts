import type { Limit } from "./limit.ts";
import type { Verdict } from "./store.ts";

/** What became of a request. Being limited is a decision, not an error. */
export interface Decision {
  readonly allowed: boolean;
  /**
   * `too-costly`: the cost is above a quota, and waiting cannot help. `store-error`: the store could not be asked, and
   * the limits say what happens then.
   */
  readonly reason: "admitted" | "limited" | "too-costly" | "store-error";
  /**
   * When denied, the limit with the longest wait; when allowed, the one with the least remaining/quota. Undefined when no
   * enforced limit matched.
   */
  readonly binding: Verdict | undefined;
  /**
   * One for each limit that matched, in the policy's order, shadow limits among them. Of a store error only those that
   * were counted elsewhere.
   */
  readonly verdicts: readonly Verdict[];
  /** After a store error, the limits that refuse because they could not be asked; undefined where none does. */
  readonly refusedUnasked?: readonly Limit[] | undefined;
}

/** Turns what the limits said into what happens. */
export function toDecision(verdicts: readonly Verdict[]): Decision {
  let allowed = true;
  let slowest: Verdict | undefined;
  let tightest: Verdict | undefined;
  for (const verdict of verdicts) {
    if (verdict.limit.isShadow) continue;
    if (!verdict.admitted) allowed = false;
    if (!slowest || verdict.retryAfterMs > slowest.retryAfterMs) slowest = verdict;
    if (!tightest || remainingShare(verdict) < remainingShare(tightest)) tightest = verdict;
  }
  if (allowed) return { allowed, reason: "admitted", binding: tightest, verdicts };
  const reason = slowest?.retryAfterMs === Number.POSITIVE_INFINITY ? "too-costly" : "limited";
  return { allowed, reason, binding: slowest, verdicts };
}

/**
 * Whole seconds to wait, rounded up and never 0: a caller alone on its partition that waits them is admitted, and one
 * second earlier would not have been. Undefined when allowed, or when no waiting helps.
 */
export function retryAfterSeconds(decision: Decision): number | undefined {
  if (decision.allowed || !decision.binding) return undefined;
  const waitMs = decision.binding.retryAfterMs;
  return Number.isFinite(waitMs) ? Math.max(1, Math.ceil(waitMs / 1000)) : undefined;
}

function remainingShare(verdict: Verdict): number {
  return verdict.remaining / verdict.limit.quota;
}

import type { Decided } from "./decided.ts";

/**
 * One line of a decisions file. `limit` is null where no limit is to blame or to show, as where a caller is suspended;
 * `reset_ms` counts from `time`. `limits` are all that were asked, shadow limits among them.
 */
export function decisionLine({ time, refusedFor, refusedBy, decision, retryAfterSeconds }: Decided): string {
  const isByLimits = refusedFor === undefined || refusedFor === "limited" || refusedFor === "too-costly";
  const binding = isByLimits ? decision?.binding : undefined;
  const line = {
    time,
    allowed: refusedFor === undefined,
    limit: binding?.limit.name ?? refusedBy ?? null,
    quota: binding?.limit.quota ?? null,
    remaining: binding?.remaining ?? null,
    reset_ms: binding?.resetMs ?? null,
    retry_after: retryAfterSeconds ?? null,
    limits: (decision?.verdicts ?? []).map(({ limit, remaining, admitted }) => ({
      name: limit.name,
      remaining,
      allowed: admitted,
    })),
  };
  return `${JSON.stringify(line)}\n`;
}

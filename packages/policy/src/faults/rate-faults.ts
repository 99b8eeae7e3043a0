import { defineLimit, HeadgateError } from "@headgate/core";
import { limitSpecOf } from "../compile-limit.ts";
import { parseCalendarUnit } from "../duration.ts";
import type { Finding, Path } from "../problem.ts";
import type { LimitSection, PlanSection } from "../schema/limit.ts";

type Field = keyof LimitSection;

/** What is wrong with a limit that is a rate, by itself. */
export function rateFaults(limit: LimitSection, path: Path): Finding[] {
  const faults = [...missingFaults(limit, path), ...conflicts(limit, path)];
  return faults.length > 0 ? faults : numberFaults(limit, path);
}

function missingFaults(limit: LimitSection, path: Path): Finding[] {
  const missing = (field: Field, hint: string): Finding[] =>
    limit[field] === undefined
      ? [{ code: "HG_POLICY_MISSING", message: `limit "${limit.name}" has no ${field}`, hint, path: [...path, field] }]
      : [];
  return [
    ...missing("quota", "add quota and window for a rate, or max-body for a cap on the body's size"),
    ...missing("per", "say whom each counter belongs to, such as per: ip; per: [] is one counter for all"),
    ...(limit.algorithm === "concurrency"
      ? []
      : missing("window", "add how long the quota is for, such as window: 1m")),
  ];
}

/** Fields that mean something to one algorithm only. */
const OWNERS = { burst: "token-bucket", align: "fixed-window", hold: "concurrency" } as const;
const MEANINGLESS_FOR_CONCURRENCY: readonly Field[] = ["window", "cost", "refund", "charge", "count-rejected"];

function conflicts(limit: LimitSection, path: Path): Finding[] {
  return [...algorithmConflicts(limit, path), ...calendarConflicts(limit, path)];
}

function algorithmConflicts(limit: LimitSection, path: Path): Finding[] {
  const { algorithm = "fixed-window", plans = {} } = limit;
  const faults: Finding[] = [];
  for (const [field, owner] of Object.entries(OWNERS) as [keyof typeof OWNERS, string][]) {
    if (algorithm === owner || limit[field] === undefined) continue;
    const hint = `use algorithm: ${owner}, or take ${field} out`;
    faults.push(conflict([...path, field], `${algorithm} has no ${field}`, hint));
  }
  for (const field of MEANINGLESS_FOR_CONCURRENCY) {
    if (algorithm !== "concurrency" || limit[field] === undefined) continue;
    const message = `concurrency has no ${field}: it counts requests in flight`;
    faults.push(conflict([...path, field], message, `take ${field} out`));
  }
  for (const [plan, { burst }] of Object.entries(plans)) {
    if (algorithm === OWNERS.burst || burst === undefined) continue;
    const hint = `use algorithm: ${OWNERS.burst}, or take burst out`;
    faults.push(conflict([...path, "plans", plan, "burst"], `${algorithm} has no burst`, hint));
  }
  return faults;
}

function calendarConflicts(
  { algorithm = "fixed-window", window, align, timezone }: LimitSection,
  path: Path,
): Finding[] {
  const unit = window === undefined ? undefined : parseCalendarUnit(window);
  if (unit === undefined) {
    const hint = "use window: day or month, or take timezone out";
    return timezone === undefined ? [] : [conflict([...path, "timezone"], "timezone is only for a day or month", hint)];
  }
  if (algorithm === "fixed-window") {
    const message = `a ${unit} begins when the calendar's does`;
    return align === undefined ? [] : [conflict([...path, "align"], message, "take align out")];
  }
  if (algorithm === "concurrency") return [];
  const hint = "use algorithm: fixed-window, or a window such as 1d or 30d";
  return [conflict([...path, "window"], `${algorithm} cannot follow the calendar`, hint)];
}

function conflict(path: Path, message: string, hint: string): Finding {
  return { code: "HG_POLICY_CONFLICT", message, hint, path, isAboutKey: true };
}

/**
 * Numbers that are each allowed, but not together: of the limit itself, and of what each plan makes of it. That a cost is
 * more than some callers ever have is meant to keep them out; that it is more than anybody has is not.
 */
function numberFaults(limit: LimitSection, path: Path): Finding[] {
  const plans = Object.entries(limit.plans ?? {});
  const capacities: number[] = [];
  const findings = [
    ...togetherFaults(limit, {}, [...path, "quota"], capacities),
    ...plans.flatMap(([name, plan]) => togetherFaults(limit, plan, [...path, "plans", name], capacities)),
  ];
  const most = Math.max(...capacities);
  if (findings.length > 0 || typeof limit.cost !== "number" || limit.cost <= most) return findings;
  const message = `one request costs ${limit.cost}, more than the ${most} that are ever allowed: none can pass`;
  const hint = "raise the quota (or burst), or lower the cost";
  return [{ code: "HG_POLICY_CONFLICT", message, hint, path: [...path, "quota"] }];
}

function togetherFaults(limit: LimitSection, plan: PlanSection, path: Path, capacities: number[]): Finding[] {
  try {
    capacities.push(defineLimit(limitSpecOf(limit, plan)).capacity);
    return [];
  } catch (error) {
    if (!(error instanceof HeadgateError)) throw error;
    const hint = "use a smaller quota or a shorter window, or count in larger units";
    return [{ code: "HG_POLICY_UNCOUNTABLE", message: error.message, hint, path }];
  }
}

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
      ? [{ code: "HG_POLICY_MISSING", message: `limit "${limit.name}" has no ${field}`, hint, path }]
      : [];
  return [
    ...missing("quota", "add quota and window for a rate, or max-body for a cap on the body's size"),
    ...missing("per", "say whom each counter belongs to, such as per: ip; per: [] is one counter for all"),
    ...(limit.algorithm === "concurrency"
      ? []
      : missing("window", "add how long the quota is for, such as window: 1m")),
  ];
}

const MEANINGLESS_FOR_CONCURRENCY: readonly Field[] = ["window", "cost", "refund", "charge", "count-rejected"];

function conflicts(limit: LimitSection, path: Path): Finding[] {
  const { algorithm = "fixed-window", window = "" } = limit;
  const isOfCalendar = parseCalendarUnit(window) !== undefined;
  const faults: Finding[] = [];
  const refuse = (field: Field, isWrong: boolean, message: string, hint: string): void => {
    if (isWrong && limit[field] !== undefined) {
      faults.push({ code: "HG_POLICY_CONFLICT", message, hint, path: [...path, field], isAboutKey: true });
    }
  };

  refuse(
    "burst",
    algorithm !== "token-bucket",
    `${algorithm} has no burst`,
    "use algorithm: token-bucket, or take burst out",
  );
  refuse(
    "align",
    algorithm !== "fixed-window",
    `${algorithm} has no align`,
    "use algorithm: fixed-window, or take align out",
  );
  refuse(
    "hold",
    algorithm !== "concurrency",
    `${algorithm} has no hold`,
    "use algorithm: concurrency, or take hold out",
  );
  refuse(
    "timezone",
    !isOfCalendar,
    "timezone is only for a day or month",
    "use window: day or month, or take timezone out",
  );
  if (algorithm === "fixed-window") {
    refuse("align", isOfCalendar, `a ${window} begins with the calendar's`, "take align out");
  } else if (algorithm !== "concurrency") {
    refuse(
      "window",
      isOfCalendar,
      `${algorithm} cannot follow the calendar`,
      "use algorithm: fixed-window, or 1d or 30d",
    );
  }
  for (const field of MEANINGLESS_FOR_CONCURRENCY) {
    const message = `concurrency has no ${field}: it counts requests in flight`;
    refuse(field, algorithm === "concurrency", message, `take ${field} out`);
  }
  if (algorithm !== "token-bucket") {
    for (const [plan, { burst }] of Object.entries(limit.plans ?? {})) {
      if (burst === undefined) continue;
      const place = [...path, "plans", plan, "burst"];
      const hint = "use algorithm: token-bucket, or take burst out";
      faults.push({
        code: "HG_POLICY_CONFLICT",
        message: `${algorithm} has no burst`,
        hint,
        path: place,
        isAboutKey: true,
      });
    }
  }
  return faults;
}

/** Numbers that are each allowed, but not together: of the limit itself, and of what each plan makes of it. */
function numberFaults(limit: LimitSection, path: Path): Finding[] {
  const plans = Object.entries(limit.plans ?? {});
  return [
    ...togetherFaults(limit, {}, [...path, "quota"]),
    ...plans.flatMap(([name, plan]) => togetherFaults(limit, plan, [...path, "plans", name])),
  ];
}

function togetherFaults(limit: LimitSection, plan: PlanSection, path: Path): Finding[] {
  try {
    const { capacity } = defineLimit(limitSpecOf(limit, plan));
    if (typeof limit.cost !== "number" || limit.cost <= capacity) return [];
    const message = `one request costs ${limit.cost}, more than the ${capacity} that are ever allowed: none can pass`;
    return [{ code: "HG_POLICY_CONFLICT", message, hint: "raise the quota (or burst), or lower the cost", path }];
  } catch (error) {
    if (!(error instanceof HeadgateError)) throw error;
    const hint = "use a smaller quota or a shorter window, or count in larger units";
    return [{ code: "HG_POLICY_UNCOUNTABLE", message: error.message, hint, path }];
  }
}

import { defineLimit, type Limit, type LimitSpec } from "@headgate/core";
import { parseCalendarUnit, parseDuration } from "./duration.ts";
import type { Endpoints } from "./endpoints.ts";
import { compileMatch } from "./matcher.ts";
import { compilePartition } from "./partition.ts";
import type { BodyCap, Cost, PolicyLimit, ResponseTemplate } from "./policy.ts";
import type { CostSection, LimitSection, PlanSection } from "./schema/limit.ts";
import type { ResponseSection } from "./schema/responses.ts";
import { parseSize } from "./size.ts";
import { compileStatuses } from "./statuses.ts";
import { listOf } from "./text-format.ts";

/** Whether a limit caps the body's size and is no rate. */
export function isBodyCap(section: LimitSection): boolean {
  return section["max-body"] !== undefined;
}

/** Compiles a rate. `counter` tells limits of one name apart. */
export function compileRate(section: LimitSection, counter: string, endpoints: Endpoints): PolicyLimit {
  const { match, window = "", plans = {}, cost, refund, charge, response } = section;
  const per = listOf(section.per);
  const limitOf = (plan: PlanSection): Limit => defineLimit({ ...limitSpecOf(section, plan), counter });
  return {
    limit: limitOf({}),
    plans: new Map(Object.entries(plans).map(([plan, fields]) => [plan, limitOf(fields)])),
    matchSection: match ?? {},
    ...compileMatch(match, endpoints),
    per,
    partitionOf: compilePartition(per, endpoints),
    cost: compileCost(cost),
    refund: compileStatuses(refund),
    charge: compileStatuses(charge),
    onStoreError: section["on-store-error"] ?? "allow",
    response: response && compileResponse(response),
    windowText: window,
  };
}

export function compileBodyCap(section: LimitSection, endpoints: Endpoints): BodyCap {
  const { name, match, response } = section;
  return {
    name,
    maxBytes: parseSize(section["max-body"] ?? "") ?? Number.POSITIVE_INFINITY,
    matchSection: match ?? {},
    ...compileMatch(match, endpoints),
    response: response && compileResponse(response),
  };
}

export function compileResponse(section: ResponseSection): ResponseTemplate {
  return { status: section.status, contentType: section["content-type"], body: section.body ?? undefined };
}

/** What core needs to know of a rate, with a plan's quota in place of its own. */
export function limitSpecOf(section: LimitSection, plan: PlanSection = {}): LimitSpec {
  const { name, quota, window, algorithm, align, burst, hold, timezone, mode, cost } = section;
  const unit = window === undefined ? undefined : parseCalendarUnit(window);
  return {
    name,
    quota: plan.quota ?? quota ?? Number.NaN,
    ...withoutUndefined({
      algorithm,
      align,
      mode,
      windowMs: window === undefined ? undefined : parseDuration(window),
      calendar: unit && { unit, timezone: timezone ?? "UTC" },
      burst: plan.burst ?? burst,
      holdMs: hold === undefined ? undefined : parseDuration(hold),
      unit: cost === "bytes" ? ("content-bytes" as const) : undefined,
      countRejected: section["count-rejected"],
    }),
  };
}

function compileCost(cost: CostSection = "request"): Cost {
  if (cost === "request") return { kind: "units", units: 1 };
  if (cost === "bytes") return { kind: "bytes" };
  if (typeof cost === "number") return { kind: "units", units: cost };
  if ("items" in cost) return { kind: "items", pointer: cost.items };
  return { kind: "response-header", name: cost["response-header"].toLowerCase() };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined, which is not the same as not being there. */
function withoutUndefined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

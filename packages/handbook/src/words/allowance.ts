import type { Limit } from "@headgate/core";
import type { Cost, PolicyLimit } from "@headgate/policy";
import { number, quantity } from "./quantity.ts";
import { windowOf } from "./window.ts";

/** `100 requests per minute`, `4 requests at once`. */
export function allowance({ cost }: Pick<PolicyLimit, "cost">, limit: Limit): string {
  return `${units(cost, limit.quota)} ${period(limit)}`;
}

/** Whether a request takes the more from the quota the larger its body is. */
export function countsBody({ cost }: Pick<PolicyLimit, "cost">): boolean {
  return cost.kind === "bytes" || cost.kind === "items";
}

/** `1,000 bytes`: what one request can ask for, and no more. */
export function mostAtOnce({ cost, limit }: Pick<PolicyLimit, "cost" | "limit">): string {
  return units(cost, limit.capacity);
}

/** `per minute`, `at once`. */
export function period(limit: Limit): string {
  const window = windowOf(limit);
  return window === undefined ? "at once" : `per ${window}`;
}

/** `100 requests`, `1,000 bytes`: what the quota counts. */
function units(cost: Cost, quota: number): string {
  switch (cost.kind) {
    case "bytes":
      return quantity(quota, "byte");
    case "items":
      return quantity(quota, "item");
    case "response-header":
      return quantity(quota, "unit");
    case "units":
      return cost.units === 1 ? quantity(quota, "request") : quantity(quota, "unit");
  }
}

/** What one request takes from a quota; undefined where that is one request, which goes without saying. */
export function charge(cost: Cost): string | undefined {
  switch (cost.kind) {
    case "bytes":
      return "each byte of a request's body counts";
    case "items":
      return `each item of ${cost.pointer === "" ? "the list that is the body" : `the list at \`${cost.pointer}\` in the body`} counts`;
    case "response-header":
      return `the answer's \`${cost.name}\` header says how many units a request has cost`;
    case "units":
      return cost.units === 1 ? undefined : `a request costs ${number(cost.units)} units`;
  }
}

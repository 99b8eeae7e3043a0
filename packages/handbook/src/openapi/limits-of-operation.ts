import type { BodyCap, Facts, Policy, PolicyLimit } from "@headgate/policy";
import { callersOf, headersFor } from "../staged/request-for.ts";
import type { Subject } from "../subject.ts";
import type { Operation } from "./operations.ts";
import type { Json } from "./overlay.ts";

/** The limits that callers of an operation can meet, whoever they are. */
export function limitsOf({ policy, limits }: Subject, operation: Operation): PolicyLimit[] {
  return limits.filter((limit) =>
    factsFor(limit, policy, operation).some((facts) => limit.matches(facts) && limit.partitionOf(facts) !== undefined),
  );
}

/** The smallest cap on the body that callers of an operation can meet. */
export function capOf({ policy }: Subject, operation: Operation): BodyCap | undefined {
  const caps = policy.bodyCaps.filter((cap) => factsFor(cap, policy, operation).some((facts) => cap.matches(facts)));
  return caps.toSorted((a, b) => a.maxBytes - b.maxBytes)[0];
}

/** A limit as data, for `x-rate-limits`: names and windows as the policy file writes them. */
export function limitObject({ limit, per, plans, cost, windowText }: PolicyLimit): Json {
  const byPlan = Object.fromEntries([...plans].map(([name, { quota }]) => [name, quota]));
  return {
    name: limit.name,
    quota: limit.quota,
    ...(windowText === "" ? {} : { window: windowText }),
    ...(limit.calendar ? { timezone: limit.calendar.timezone } : {}),
    per: [...per],
    ...(plans.size === 0 ? {} : { plans: byPlan }),
    ...(cost.kind === "units" && cost.units === 1 ? {} : { cost: cost.kind === "units" ? cost.units : cost.kind }),
  };
}

/** The operation as each kind of caller would ask for it, with the headers that a limit or a cap looks for. */
function factsFor({ matchSection }: PolicyLimit | BodyCap, policy: Policy, { method, paths }: Operation): Facts[] {
  const headers = headersFor(matchSection);
  const plans = [undefined, ...policy.plans];
  return paths.flatMap((path) =>
    callersOf(policy).flatMap((caller) => plans.map((plan) => ({ method, path, headers, plan, ...caller }))),
  );
}

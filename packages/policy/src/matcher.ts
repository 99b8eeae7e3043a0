import type { Endpoints } from "./endpoints.ts";
import type { Facts } from "./facts.ts";
import { compileGlob } from "./glob.ts";
import type { MatchSection } from "./schema/match.ts";
import { listOf } from "./text-format.ts";

/** A `match`, compiled. */
export interface Matcher {
  /** Whether all fields hold. */
  matches(facts: Facts): boolean;
  /** The first field that does not hold; undefined if all hold. */
  whyNot(facts: Facts): Unmet | undefined;
}

/** A field of a `match` that does not hold for a request. */
export interface Unmet {
  readonly field: keyof MatchSection;
  /** What was found instead, in words. */
  readonly reason: string;
}

/** One field of a `match`. */
interface Condition {
  readonly field: keyof MatchSection;
  holds(facts: Facts): boolean;
  /** Why it does not hold, in words. */
  refusal(facts: Facts): string;
}

export function compileMatch(match: MatchSection | undefined, endpoints: Endpoints): Matcher {
  const conditions = match === undefined ? [] : conditionsOf(match, endpoints);
  return {
    matches(facts) {
      for (const condition of conditions) if (!condition.holds(facts)) return false;
      return true;
    },
    whyNot(facts) {
      const unmet = conditions.find((condition) => !condition.holds(facts));
      return unmet && { field: unmet.field, reason: unmet.refusal(facts) };
    },
  };
}

/** The cheapest first. */
function conditionsOf(match: MatchSection, endpoints: Endpoints): Condition[] {
  const { authenticated, methods, plan, path, endpoint, headers = {}, not } = match;
  const conditions: Condition[] = [];
  if (authenticated !== undefined) conditions.push(isAuthenticated(authenticated));
  if (methods !== undefined) conditions.push(hasMethod(listOf(methods)));
  if (plan !== undefined) conditions.push(hasPlan(listOf(plan)));
  if (path !== undefined) conditions.push(hasPath(listOf(path)));
  if (endpoint !== undefined) conditions.push(isAtEndpoint(listOf(endpoint), endpoints));
  for (const [name, wanted] of Object.entries(headers)) conditions.push(hasHeader(name, wanted));
  if (not !== undefined) conditions.push(holdsNot(not, endpoints));
  return conditions;
}

function isAuthenticated(wanted: boolean): Condition {
  return {
    field: "authenticated",
    holds: (facts) => facts.authenticated === wanted,
    refusal: (facts) => `the request is ${facts.authenticated ? "" : "not "}authenticated`,
  };
}

function hasMethod(methods: readonly string[]): Condition {
  return {
    field: "methods",
    holds: ({ method }) => methods.includes(method),
    refusal: ({ method }) => `the method is ${method}, not ${methods.join(" or ")}`,
  };
}

function hasPlan(plans: readonly string[]): Condition {
  return {
    field: "plan",
    holds: ({ plan }) => plan !== undefined && plans.includes(plan),
    refusal: ({ plan }) => `the plan is ${plan ?? "not known"}, not ${plans.join(" or ")}`,
  };
}

function hasPath(patterns: readonly string[]): Condition {
  const globs = patterns.map(compileGlob);
  return {
    field: "path",
    holds: ({ path }) => globs.some(({ regExp }) => regExp.test(path)),
    refusal: ({ path }) => `the path ${path} does not match ${patterns.join(" or ")}`,
  };
}

function isAtEndpoint(groups: readonly string[], endpoints: Endpoints): Condition {
  return {
    field: "endpoint",
    holds: ({ method, path }) => groups.some((group) => endpoints.isIn(group, method, path)),
    refusal: ({ method, path }) => `${method} ${path} is not of the endpoint ${groups.join(" or ")}`,
  };
}

function hasHeader(name: string, wanted: string | true): Condition {
  const key = name.toLowerCase();
  const fits = wanted === true ? () => true : wildcardTest(wanted);
  return {
    field: "headers",
    holds({ headers }) {
      const value = headers[key];
      if (value === undefined) return false;
      return typeof value === "string" ? fits(value) : value.some(fits);
    },
    refusal: ({ headers }) => `the header ${key} is ${headers[key] === undefined ? "missing" : `not ${wanted}`}`,
  };
}

function holdsNot(match: MatchSection, endpoints: Endpoints): Condition {
  const inner = compileMatch(match, endpoints);
  return {
    field: "not",
    holds: (facts) => !inner.matches(facts),
    refusal: () => `all of \`not\` holds: ${Object.keys(match).join(", ")}`,
  };
}

/** Where `*` stands for any run of characters. Taking each part where it first fits is enough, and never goes back. */
function wildcardTest(pattern: string): (value: string) => boolean {
  const [first = "", ...middle] = pattern.split("*");
  const last = middle.pop();
  if (last === undefined) return (value) => value === pattern;
  return (value) => {
    if (!value.startsWith(first) || value.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of middle) {
      const found = value.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return value.length - last.length >= at && value.endsWith(last);
  };
}

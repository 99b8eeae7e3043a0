import { compileGlob } from "./glob.ts";
import type { EndpointsSection } from "./schema/endpoints.ts";
import { listOf } from "./text-format.ts";

/** The policy's named groups of routes. */
export interface Endpoints {
  /** The first pattern that matches, as written, or "" for every unlisted route: that is what `per: endpoint` counts by. */
  patternOf(method: string, path: string): string;
  /** Whether any pattern of the group matches. */
  isIn(group: string, method: string, path: string): boolean;
  /** All patterns, as written, each once: with "", every value that `per: endpoint` can have. */
  readonly patterns: readonly string[];
}

interface Route {
  /** As written. */
  readonly pattern: string;
  readonly method: string | undefined;
  readonly regExp: RegExp;
}

/** Compiles the groups. Each pattern must have been checked. */
export function compileEndpoints(section: EndpointsSection | undefined): Endpoints {
  const groups = new Map(
    Object.entries(section ?? {})
      .filter(([name]) => name !== "openapi")
      .map(([name, patterns]) => [name, listOf(patterns).map(toRoute)]),
  );
  const routes = [...groups.values()].flat();
  return {
    patternOf: (method, path) => routes.find((route) => leadsTo(route, method, path))?.pattern ?? "",
    isIn: (group, method, path) => groups.get(group)?.some((route) => leadsTo(route, method, path)) ?? false,
    patterns: [...new Set(routes.map(({ pattern }) => pattern))],
  };
}

/** Takes the method off a pattern such as `POST /v1/token`. */
export function splitMethod(pattern: string): { readonly method: string | undefined; readonly path: string } {
  const [, method, path] = /^([A-Z]+) +(.*)$/.exec(pattern) ?? [];
  return path === undefined ? { method: undefined, path: pattern } : { method, path };
}

function toRoute(pattern: string): Route {
  const { method, path } = splitMethod(pattern);
  return { pattern, method, regExp: compileGlob(path).regExp };
}

function leadsTo(route: Route, method: string, path: string): boolean {
  return (route.method === undefined || route.method === method) && route.regExp.test(path);
}

import { type ApiEndpoints, NO_API } from "./open-api/api-endpoints.ts";
import { RememberedPatterns } from "./remembered-patterns.ts";
import { toRoute } from "./route.ts";
import { RouteIndex } from "./route-index.ts";
import type { EndpointsSection } from "./schema/endpoints.ts";
import { listOf } from "./text-format.ts";

/** The policy's named groups of routes. */
export interface Endpoints {
  /**
   * The first pattern that matches, as written, else the first path template of the OpenAPI document, or "" for every
   * unlisted route: that is what `per: endpoint` counts by.
   */
  patternOf(method: string, path: string): string;
  /** Whether any pattern of the group matches. */
  isIn(group: string, method: string, path: string): boolean;
  /** The patterns of each group, by its name. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** All patterns, as written, each once: with "", every value that `per: endpoint` can have. */
  readonly patterns: readonly string[];
}

/** Compiles the groups: those of the file come before those of the same name in the OpenAPI document. */
export function compileEndpoints(section: EndpointsSection = {}, api: ApiEndpoints = NO_API): Endpoints {
  const own = Object.entries(section).flatMap(([name, patterns]): [string, readonly string[]][] =>
    name === "openapi" ? [] : [[name, listOf(patterns)]],
  );
  const groups = new Map([...api.groups, ...own]);
  const patterns = [...new Set([...own.flatMap(([, patterns]) => patterns), ...api.templates])];
  const all = new RouteIndex(patterns.map(toRoute));
  const remembered = new RememberedPatterns((method, path) => all.first(method, path)?.pattern ?? "");
  const byGroup = new Map([...groups].map(([name, patterns]) => [name, new RouteIndex(patterns.map(toRoute))]));
  return {
    patternOf: (method, path) => remembered.of(method, path),
    isIn: (group, method, path) => byGroup.get(group)?.first(method, path) !== undefined,
    groups,
    patterns,
  };
}

/** The names of all groups. */
export function endpointNames(section: EndpointsSection = {}, { groups }: ApiEndpoints): string[] {
  return [...new Set([...Object.keys(section).filter((name) => name !== "openapi"), ...groups.keys()])];
}

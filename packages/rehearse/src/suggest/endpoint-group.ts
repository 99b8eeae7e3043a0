import { ANY_REST, type RouteTemplate } from "./route-tree.ts";

/** Routes of one resource, such as `events`: what `endpoints` of a policy names. */
export interface EndpointGroup {
  /** As the policy names it. */
  readonly name: string;
  /** Patterns of paths, the most frequent first. */
  readonly patterns: readonly string[];
  readonly requests: number;
}

/** More would be a policy that nobody reads. */
const MOST_GROUPS = 4;
/** What fewer of all requests are for needs no limit of its own. */
const LEAST_SHARE = 0.02;
/** With more templates than these, a group is everything below its name. */
const MOST_PATTERNS = 6;
/** What stands before the resource's name, and names none. */
const IS_PREFIX = /^(api|rest|public|v\d+([._-]\d+)*)$/i;

/** Groups templates by the first segment that is a name and no prefix: few groups, those with most requests. */
export function groupEndpoints(templates: readonly RouteTemplate[]): EndpointGroup[] {
  const all = templates.reduce((sum, { requests }) => sum + requests, 0);
  const byName = Map.groupBy(templates, groupName);
  byName.delete(undefined);
  return [...byName]
    .map(([name, members]) => groupOf(name as string, members))
    .filter(({ requests }) => requests >= all * LEAST_SHARE)
    .toSorted((a, b) => b.requests - a.requests)
    .slice(0, MOST_GROUPS);
}

function groupOf(name: string, members: readonly RouteTemplate[]): EndpointGroup {
  const requests = members.reduce((sum, template) => sum + template.requests, 0);
  const whole = members.map(({ segments }) => `/${segments.join("/")}`);
  const roots = members.map(({ segments }) => `/${segments.slice(0, nameAt(segments) + 1).join("/")}/${ANY_REST}`);
  const patterns = whole.length <= MOST_PATTERNS ? whole : [...new Set(roots)];
  return { name, patterns: patterns.slice(0, MOST_PATTERNS), requests };
}

/** The group's name, as a policy can have it; undefined for templates that are of none. */
function groupName({ segments }: RouteTemplate): string | undefined {
  const slug = segments[nameAt(segments)]?.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return slug !== undefined && /^[a-z][a-z0-9-]*$/.test(slug) && slug !== "openapi" ? slug : undefined;
}

function nameAt(segments: readonly string[]): number {
  const at = segments.findIndex((segment) => !IS_PREFIX.test(segment));
  return at < 0 ? segments.length : at;
}

import { leadsTo, type Route, splitMethod } from "./route.ts";

/** A place among routes; lower comes first. */
type Placed = readonly [place: number, route: Route];

/** What begins alike, segment by segment. */
interface Branch {
  readonly literals: Map<string, Branch>;
  /** Where the segment is, or has, a wildcard. */
  wild: Branch | undefined;
  readonly routes: Placed[];
}

/**
 * Finds the first of many routes that a request is for: only those are tried whose segments without wildcards are the
 * path's. An API's own document may have a thousand, and to try them all takes longer than to decide.
 */
export class RouteIndex {
  readonly #root: Branch = newBranch();
  /** With `**`, which may be any number of segments. */
  readonly #anywhere: Placed[] = [];

  constructor(routes: readonly Route[]) {
    for (const [place, route] of routes.entries()) {
      const segments = segmentsOf(splitMethod(route.pattern).path);
      const placed = segments.includes("**") ? this.#anywhere : branchFor(this.#root, segments).routes;
      placed.push([place, route]);
    }
  }

  first(method: string, path: string): Route | undefined {
    let found: Placed | undefined;
    const tryAll = (routes: readonly Placed[]): void => {
      for (const placed of routes) {
        if ((found === undefined || placed[0] < found[0]) && leadsTo(placed[1], method, path)) found = placed;
      }
    };
    tryAll(this.#anywhere);
    const segments = segmentsOf(path);
    const descend = (branch: Branch | undefined, depth: number): void => {
      if (branch === undefined) return;
      if (depth === segments.length) {
        tryAll(branch.routes);
      } else {
        descend(branch.literals.get(segments[depth] as string), depth + 1);
        descend(branch.wild, depth + 1);
      }
    };
    descend(this.#root, 0);
    return found?.[1];
  }
}

function branchFor(root: Branch, segments: readonly string[]): Branch {
  let branch = root;
  for (const segment of segments) {
    if (/[*{]/.test(segment)) {
      branch.wild ??= newBranch();
      branch = branch.wild;
    } else {
      const next = branch.literals.get(segment) ?? newBranch();
      branch.literals.set(segment, next);
      branch = next;
    }
  }
  return branch;
}

function newBranch(): Branch {
  return { literals: new Map(), wild: undefined, routes: [] };
}

/** Slashes at the end do not count. */
function segmentsOf(path: string): string[] {
  let end = path.length;
  while (path.charCodeAt(end - 1) === SLASH) end--;
  return path.slice(0, end).split("/").slice(1);
}

const SLASH = 0x2f;

import { METHODS } from "node:http";
import { normalisePattern } from "../normalise-path.ts";
import type { ApiEndpoints } from "../open-api/api-endpoints.ts";
import type { Finding, Path } from "../problem.ts";
import { splitMethod } from "../route.ts";
import type { MatchSection } from "../schema/match.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { listOf } from "../text-format.ts";

/** Patterns that no request can match: paths are compared in their normal form, and these are not in theirs. */
export function deadPatternLints({ endpoints = {}, limits }: PolicyFile, { templates }: ApiEndpoints): Finding[] {
  return [
    ...Object.entries(endpoints).flatMap(([group, patterns]) =>
      group === "openapi"
        ? templates.flatMap((template) => lintsOfPatterns(template, ["endpoints", "openapi"]))
        : lintsOfPatterns(patterns, ["endpoints", group]),
    ),
    ...limits.flatMap(({ match }, i) => lintsOfMatch(match, ["limits", i, "match"])),
  ];
}

function lintsOfMatch(match: MatchSection | undefined, path: Path): Finding[] {
  if (match === undefined) return [];
  return [...lintsOfPatterns(match.path, [...path, "path"]), ...lintsOfMatch(match.not, [...path, "not"])];
}

function lintsOfPatterns(patterns: string | string[] | undefined, path: Path): Finding[] {
  return listOf(patterns).flatMap((pattern, i) => {
    const why = whyDead(pattern);
    if (why === undefined) return [];
    const place = typeof patterns === "string" ? path : [...path, i];
    return [
      { code: "HG_LINT_NEVER_BINDS", message: `"${pattern}" matches no request: ${why[0]}`, hint: why[1], path: place },
    ];
  });
}

function whyDead(pattern: string): readonly [why: string, hint: string] | undefined {
  const { method, path } = splitMethod(pattern);
  if (method !== undefined && !METHODS.includes(method)) {
    return [`none has the method ${method}`, "write a method of HTTP, such as GET or POST"];
  }
  const normal = normalisePattern(path);
  if (normal === undefined) {
    return [
      "such paths are refused with 400",
      "take out what escapes a slash, ; and \\, and what climbs above the root",
    ];
  }
  // Slashes at the end do not count.
  const isNormal = normal.replace(/\/+$/, "") === path.replace(/\/+$/, "");
  return isNormal ? undefined : ["paths are compared in their normal form", `write ${normal}`];
}

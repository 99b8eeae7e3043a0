import { compileGlob } from "../glob.ts";
import type { ApiEndpoints } from "../open-api/api-endpoints.ts";
import type { Finding } from "../problem.ts";
import { splitMethod } from "../route.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { listOf } from "../text-format.ts";

/** Routes where the gate serves pages: whatever a page is called is not asked of the API any more. */
export function hiddenRouteLints(file: PolicyFile, api: ApiEndpoints): Finding[] {
  const root = file.docs?.path?.replace(/\/$/, "");
  if (root === undefined) return [];
  const hidden = routesRead(file, api).find((pattern) => isAt(root, pattern));
  if (hidden === undefined) return [];
  const message = `pages are served at ${root} and below, and ${hidden} is there, too: the API is not asked for what is a page`;
  const hint = "serve the pages where the API has nothing, such as /docs/rate-limits";
  return [{ code: "HG_LINT_HIDDEN", message, hint, path: ["docs", "path"] }];
}

/** The patterns of routes that are there for reading, which is what pages are there for. */
function routesRead({ endpoints = {}, limits }: PolicyFile, { templates }: ApiEndpoints): string[] {
  const listed = Object.entries(endpoints)
    .flatMap(([group, patterns]) => (group === "openapi" ? [] : listOf(patterns)))
    .map(splitMethod)
    .flatMap(({ method = "GET", path }) => (isRead(method) ? [path] : []));
  const matched = limits.flatMap(({ match = {} }) =>
    match.methods === undefined || listOf(match.methods).some(isRead) ? listOf(match.path) : [],
  );
  return [...listed, ...matched, ...templates];
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** Patterns for whatever there is, such as `/v1/**`, tell of no route in particular. */
function isAt(root: string, pattern: string): boolean {
  if (`${pattern}/`.startsWith(`${root}/`)) return true;
  return !pattern.includes("**") && compileGlob(pattern).regExp.test(root);
}

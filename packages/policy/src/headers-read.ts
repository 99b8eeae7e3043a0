import { callerSectionsOf } from "./schema/callers.ts";
import type { MatchSection } from "./schema/match.ts";
import type { PolicyFile } from "./schema/policy-file.ts";

/** The request headers that deciding by a policy can look at, in lower case: no others change what it says of a request. */
export function headersReadBy({ callers, credentials, limits }: PolicyFile): ReadonlySet<string> {
  const names = limits.flatMap(({ match }) => headersIn(match));
  for (const [, { header, bearer, cookie, "jwt-claim": claim }] of callerSectionsOf(callers)) {
    if (header !== undefined) names.push(header);
    if (bearer !== undefined || claim !== undefined) names.push("authorization");
    if (cookie !== undefined) names.push("cookie");
  }
  if (credentials === "managed") names.push("authorization");
  if (callers?.ip?.["trusted-proxies"] !== undefined) names.push("x-forwarded-for");
  return new Set(names.map((name) => name.toLowerCase()));
}

function headersIn(match: MatchSection | undefined): string[] {
  return match === undefined ? [] : [...Object.keys(match.headers ?? {}), ...headersIn(match.not)];
}

import { compileCallers } from "./callers.ts";
import { compileBodyCap, compileRate, compileResponse, isBodyCap } from "./compile-limit.ts";
import { compileDocs } from "./docs-policy.ts";
import { compileEndpoints, type Endpoints } from "./endpoints.ts";
import { compileEvents, plansOfRetention } from "./events-policy.ts";
import { exampleRequest } from "./example-request.ts";
import { headersReadBy } from "./headers-read.ts";
import { compileIssuing } from "./issuing.ts";
import type { ApiEndpoints } from "./open-api/api-endpoints.ts";
import type { Policy, PolicyLimit, Responses } from "./policy.ts";
import type { LimitSection } from "./schema/limit.ts";
import type { MatchSection } from "./schema/match.ts";
import type { PolicyFile } from "./schema/policy-file.ts";
import type { ResponsesSection } from "./schema/responses.ts";
import { compileStore } from "./store-policy.ts";
import { compileSuspension } from "./suspension-rule.ts";
import { listOf } from "./text-format.ts";
import { parseUpstream } from "./upstream.ts";

/** Compiles a file without faults. `name` is where the file is, and `api` what it takes from an OpenAPI document. */
export function compilePolicy(file: PolicyFile, name: string, api: ApiEndpoints): Policy {
  const endpoints = compileEndpoints(file.endpoints, api);
  return {
    title: file.title ?? "API",
    upstream: file.upstream === undefined ? undefined : parseUpstream(file.upstream),
    events: compileEvents(file.events),
    credentials: file.credentials ?? "presented",
    callers: compileCallers(file, name),
    headersRead: headersReadBy(file),
    endpoints,
    limits: compileRates(file.limits, endpoints),
    bodyCaps: file.limits.filter(isBodyCap).map((section) => compileBodyCap(section, endpoints)),
    responses: compileResponses(file.responses ?? {}),
    isConditional: file.conditional ?? false,
    plans: plansOf(file),
    suspensionRules: (file.suspend ?? []).map(compileSuspension),
    issuing: compileIssuing(file),
    store: compileStore(file.store),
    maxPartitions: file.store?.memory?.["max-partitions"] ?? 1_000_000,
    example: exampleRequest(file, endpoints),
    docs: compileDocs(file.docs),
  };
}

/** The plans that limits give quotas of their own, or are for, and those whose events are kept for a time of their own. */
function plansOf({ limits, events }: PolicyFile): string[] {
  const ofLimits = limits.flatMap(({ plans = {}, match }) => [...Object.keys(plans), ...plansIn(match)]);
  return [...new Set([...ofLimits, ...plansOfRetention(events)])];
}

function plansIn(match: MatchSection | undefined): readonly string[] {
  return match === undefined ? [] : [...listOf(match.plan), ...plansIn(match.not)];
}

/** Limits that share a name count apart: the second `x` is counted as `x#2`, which no limit can be called. */
function compileRates(sections: readonly LimitSection[], endpoints: Endpoints): PolicyLimit[] {
  const times = new Map<string, number>();
  return sections
    .filter((section) => !isBodyCap(section))
    .map((section) => {
      const time = (times.get(section.name) ?? 0) + 1;
      times.set(section.name, time);
      return compileRate(section, time === 1 ? section.name : `${section.name}#${time}`, endpoints);
    });
}

function compileResponses(section: ResponsesSection): Responses {
  const { headers = {}, limited, suspended, unauthenticated, "too-large": tooLarge } = section;
  const retryAfter = section["retry-after"] ?? "limited";
  return {
    headers: { style: headers.style ?? "both", reset: headers.reset ?? "epoch-seconds" },
    upstreamHeaders: headers.upstream ?? "strip",
    retryAfter: typeof retryAfter === "number" ? { constantSeconds: retryAfter } : retryAfter,
    limited: limited && compileResponse(limited),
    suspended: suspended && compileResponse(suspended),
    tooLarge: tooLarge && compileResponse(tooLarge),
    unauthenticated: unauthenticated && compileResponse(unauthenticated),
  };
}

export { countedAddress } from "./address.ts";
export { type Bearer, parseBearer } from "./bearer.ts";
export { type CallerReader, CREDENTIALS, type RawRequest } from "./callers.ts";
export { costOf, type MeasuredBody } from "./cost.ts";
export type { DocsPolicy, DocsRequest } from "./docs-policy.ts";
export { DOCS_SECTIONS, type DocsSectionId } from "./docs-sections.ts";
export { parseDuration } from "./duration.ts";
export type { Endpoints } from "./endpoints.ts";
export { Engine, type Ruling } from "./engine.ts";
export { POLICY_ERRORS, type PolicyErrorCode } from "./errors.ts";
export { DEFAULT_EVENTS_POLICY, type EventsPolicy, type Retention } from "./events-policy.ts";
export { type Explanation, explain, type LimitExplanation, ON_RECORD } from "./explain.ts";
export type { Facts, Headers } from "./facts.ts";
export { OWN_PREFIXES } from "./issuing.ts";
export { type LoadedPolicy, type LoadOptions, loadPolicy } from "./load-policy.ts";
export { type Application, applicationsOf, limitFor, type Match } from "./match.ts";
export { normalisePath } from "./normalise-path.ts";
export { type Denial, denialsOf, type Offender, offendersAmong } from "./offenders.ts";
export { basePathsOf } from "./open-api/base-path.ts";
export { type ApiDocument, METHODS, parseApiDocument, pathsOf } from "./open-api/document.ts";
export { type Place, resolved } from "./open-api/reference.ts";
export { type Overrides, overridden, type QuotaOverride } from "./override.ts";
export { partitionKey } from "./partition.ts";
export type {
  BodyCap,
  Cost,
  Issuing,
  Policy,
  PolicyLimit,
  Responses,
  ResponseTemplate,
  StatusTest,
  SuspensionRule,
  Upstream,
} from "./policy.ts";
export { formatProblems, type Problem } from "./problem.ts";
export { RememberedCredentials } from "./remembered-credentials.ts";
export { type RequestTarget, readTarget } from "./request-target.ts";
export { type Refusal, type RefusalDetails, type RefusalKind, renderRefusal } from "./responses.ts";
export type { CallerSection } from "./schema/callers.ts";
export type { MatchSection } from "./schema/match.ts";
export { type JsonSchema, policyJsonSchema } from "./schema.ts";
export type { Outcome } from "./settlement.ts";
export type { StandingMatch } from "./standing-match.ts";
export type { StoreErrorLog, StoreErrorOutcome } from "./store-error-report.ts";
export { DEFAULT_REDIS, type StorePolicy } from "./store-policy.ts";
export { listOf } from "./text-format.ts";
export { parseUpstream } from "./upstream.ts";
export { WithoutStore, type WithoutStoreOptions } from "./without-store.ts";

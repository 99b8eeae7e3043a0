export { REHEARSE_ERRORS } from "./errors.ts";
export { type AccessFields, COMBINED, parseFields } from "./log/access-fields.ts";
export type { LogFormatName, LogFormatOptions } from "./log/log-format.ts";
export { type LogReading, type ReadLogOptions, readLog } from "./log/read-log.ts";
export type { LogFault, LogFaultExample, LogFaultKind, LogReport } from "./log-report.ts";
export { type LoggedRequest, NO_HEADERS } from "./logged-request.ts";
export type {
  CallerCount,
  CallerTally,
  EndpointTally,
  LimitTally,
  RefusalReason,
  Rehearsal,
  ShutOut,
  Timeline,
  TimelineStep,
} from "./rehearsal.ts";
export { type DecisionSink, type RehearseOptions, rehearse } from "./rehearse.ts";
export type { Decided } from "./replay/decided.ts";
export { decisionLine } from "./replay/decision-line.ts";
export { Replay } from "./replay/replay.ts";
export { type Comparison, compare } from "./report/comparison.ts";
export { htmlReport } from "./report/html-report.ts";
export type { PolicyBefore, Report } from "./report/report.ts";
export { formatLog, formatReport, type TextReportOptions } from "./report/text-report.ts";
export { type Suggestion, type SuggestOptions, suggest } from "./suggest/suggest.ts";
export { suggestedPolicy } from "./suggest/suggested-policy.ts";
export { type SuggestionJson, suggestionJson } from "./suggest/suggestion-json.ts";
export { HEADERS_SURVEYED } from "./suggest/survey.ts";
export { parseTraffic, type TrafficText } from "./synthetic/parse-traffic.ts";
export { syntheticLog } from "./synthetic/synthetic-log.ts";
export { syntheticTraffic } from "./synthetic/synthetic-traffic.ts";
export { TRAFFIC_SHAPES, type TrafficShape, type TrafficSpec } from "./synthetic/traffic-spec.ts";

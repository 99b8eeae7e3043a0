import { HeadgateError } from "@headgate/core";
import { loadPolicy, type Policy } from "@headgate/policy";
import type { LogReading } from "../log/read-log.ts";
import type { LogReport } from "../log-report.ts";
import { logFaults } from "../report/log-summary.ts";
import { candidateWindows } from "./candidate-windows.ts";
import { type Crowd, crowdsOf } from "./crowd.ts";
import { Measurement } from "./measurement.ts";
import type { Peaks } from "./peaks.ts";
import { policyText } from "./policy-text.ts";
import { type CrowdLimits, suggestedLimits } from "./suggested-limits.ts";
import { type Findings, Survey } from "./survey.ts";

export interface SuggestOptions {
  /** The part of callers that may be refused: from 0 to 1, which it never is. */
  readonly share: number;
  /** How much more than callers have asked for quotas allow, as a part of it. */
  readonly headroom: number;
}

/** Limits, and what they were made from. */
export interface Suggestion {
  readonly findings: Findings;
  readonly options: SuggestOptions;
  readonly crowds: readonly CrowdLimits[];
  readonly log: LogReport;
}

/**
 * Suggests limits that would have refused at most a given share of the callers of a log. It reads the log twice, so
 * `open` is called twice: to learn how callers say who they are and which endpoints there are, then to count. What is
 * remembered of callers and paths is bounded, at some 150 MB. Rejects with `HG_SUGGEST_NOTHING` where the log tells of
 * nobody.
 */
export async function suggest(open: () => Promise<LogReading>, options: SuggestOptions): Promise<Suggestion> {
  const survey = new Survey();
  const first = await open();
  for await (const batch of first.batches) for (const request of batch) survey.note(request);
  const findings = survey.findings();
  const crowds = crowdsOf(findings);
  if (crowds.length === 0) throw nothing(findings, first.report());

  const windows = candidateWindows(findings.until - findings.from);
  const measurement = new Measurement(measuringPolicy(findings, crowds), crowds, windows);
  for await (const batch of (await open()).batches) for (const request of batch) measurement.note(request);

  const suggested = crowds.map((crowd, i) => {
    // A ceiling is for nobody to reach.
    const share = crowd.isCeiling ? 0 : options.share;
    return suggestedLimits(crowd, measurement.peaks[i] as Peaks, windows, { ...options, share });
  });
  return { findings, options, crowds: suggested, log: first.report() };
}

/** A policy with a limit for each scope. It refuses nobody: it says what belongs to which scope. */
function measuringPolicy(findings: Findings, crowds: readonly Crowd[]): Policy {
  const limits = crowds.flatMap((crowd) =>
    crowd.scopes.map(({ name, group }) => ({ name, crowd, group, quota: 2 ** 40, window: "400d", comments: [] })),
  );
  const text = policyText({ findings, upstream: "http://127.0.0.1", limits, comments: [] });
  return loadPolicy(text).policy as Policy;
}

function nothing({ requests }: Findings, log: LogReport): HeadgateError {
  const [fault] = logFaults(log);
  const reason = fault ? `: ${fault.examples[0] ?? fault.title}` : "";
  const message =
    requests === 0
      ? `no request could be read${reason}`
      : "the log tells neither addresses nor API keys of those who called";
  return new HeadgateError("HG_SUGGEST_NOTHING", message);
}

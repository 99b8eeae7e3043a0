import type { Rehearsal } from "../rehearsal.ts";
import type { Comparison } from "./comparison.ts";
import { logFiles, logSummary } from "./log-summary.ts";
import { formatPath } from "./quantities.ts";

/** What is shown as text or as a page: what a policy would have done, and perhaps what changes to it from another. */
export interface Report {
  /** The policy's file. */
  readonly policy: string;
  readonly rehearsal: Rehearsal;
  readonly against?: PolicyBefore | undefined;
}

/** Another policy, to show the difference from. */
export interface PolicyBefore {
  /** Its file. */
  readonly policy: string;
  /** From it to the policy of the report. */
  readonly comparison: Comparison;
}

/** What it is: `Rehearsal of new.yaml against live.yaml, with 1,204,331 lines of access.log`. */
export function subjectOf({ policy, rehearsal, against }: Report): string {
  const before = against ? ` against ${formatPath(against.policy)},` : "";
  const log = logSummary(rehearsal.log);
  return `Rehearsal of ${formatPath(policy)}${before}${log === "" ? "" : ` with ${log}`}`;
}

/** What stands in the place of numbers where there is none to show; undefined where there are. */
export function warningOf({ rehearsal: { requests, log } }: Report): string | undefined {
  if (requests > 0) return undefined;
  return `Nothing was rehearsed: no request could be read from ${logFiles(log)}. This says nothing of the policy.`;
}

import type { LogReport } from "../log-report.ts";
import type { Suggestion } from "./suggest.ts";

/** A suggestion as data. */
export interface SuggestionJson {
  readonly requests: number;
  /** Beside them: what a gate answers with 400, whatever the limits. */
  readonly unreadable: number;
  /** Epoch ms. */
  readonly from: number;
  readonly until: number;
  /** As parts of one. */
  readonly share: number;
  readonly headroom: number;
  readonly callers: readonly {
    readonly counted_by: "api-key" | "ip";
    readonly name: string;
    readonly count: number;
    readonly is_estimate: boolean;
    readonly set_aside: number;
  }[];
  readonly endpoints: readonly {
    readonly name: string;
    readonly patterns: readonly string[];
    readonly requests: number;
  }[];
  readonly limits: readonly {
    readonly name: string;
    readonly per: "api-key" | "ip";
    readonly endpoint: string | null;
    readonly quota: number;
    readonly window_ms: number;
    /** The most that any caller asked for who was not set aside. */
    readonly peak: number;
    /** The most that any but one of those did. */
    readonly peak_but_one: number;
    readonly peak_of_all: number;
  }[];
  readonly log: LogReport;
  /** The policy file. */
  readonly policy: string;
}

export function suggestionJson({ findings, options, crowds, log }: Suggestion, policy: string): SuggestionJson {
  return {
    requests: findings.requests,
    unreadable: findings.unreadable,
    from: findings.from,
    until: findings.until,
    share: options.share,
    headroom: options.headroom,
    callers: crowds.map(({ crowd, ordinary }) => ({
      counted_by: crowd.per,
      name: crowd.name,
      count: ordinary.callers,
      is_estimate: ordinary.isEstimate,
      set_aside: ordinary.setAside,
    })),
    endpoints: findings.groups,
    limits: crowds.flatMap(({ crowd, limits }) =>
      limits.map(({ name, group, window, quota, peak, peakButOne, peakOfAll }) => ({
        name,
        per: crowd.per,
        endpoint: group ?? null,
        quota,
        window_ms: window.limit.windowMs,
        peak,
        peak_but_one: peakButOne,
        peak_of_all: peakOfAll,
      })),
    ),
    log,
    policy,
  };
}

import { defineLimit, type Limit } from "@headgate/core";

/** Windows that limits are suggested for, the shortest first: those that people know. */
const WINDOWS: readonly (readonly [text: string, ms: number])[] = [
  ["1s", 1000],
  ["10s", 10_000],
  ["1m", 60_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["1d", 86_400_000],
];
/** A log must be so many times as long: what was most in one window says little. */
const LEAST_WINDOWS = 3;

/** A window to look at. */
export interface CandidateWindow {
  /** As a policy has it. */
  readonly text: string;
  /** A limit over it that refuses nobody, to count by. */
  readonly limit: Limit;
}

/** The windows that a log of this length says something about. */
export function candidateWindows(lengthMs: number): CandidateWindow[] {
  const fitting = WINDOWS.filter(([, ms], i) => i === 0 || ms * LEAST_WINDOWS <= lengthMs);
  return fitting.map(([text, windowMs]) => ({ text, limit: defineLimit({ name: text, quota: 2 ** 40, windowMs }) }));
}

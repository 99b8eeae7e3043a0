import type { CallerTally, LimitTally, Rehearsal, TimelineStep } from "../../src/rehearsal.ts";

const FROM = Date.UTC(2026, 0, 5);
const STEP_MS = 900_000;

/** A week that was quiet but for one evening, with all that a report can have to tell. */
export const SAMPLE: Rehearsal = {
  title: "Example API",
  from: FROM,
  until: FROM + 86_400_000 - 1,
  requests: 1_204_331,
  admitted: 1_198_220,
  refused: 6_111,
  shadowRefused: 320,
  reasons: { limited: 6_000, "too-costly": 0, "too-large": 111, suspended: 0, unreadable: 0 },
  limits: [
    limit({ name: "writes", met: 240_112, denied: 5_800, binding: 5_750 }, 12),
    limit({ name: "reads", met: 900_000, denied: 250, binding: 250 }, 3),
    limit({ name: "payload", kind: "body-cap", met: 1_204_331, denied: 111, binding: 111 }, 2),
    limit({ name: "tighter-reads", isShadow: true, met: 900_000, denied: 570, binding: 0 }, 4),
  ],
  callers: [
    caller({ kind: "api-key", value: "ex_sk_12…a1b2c3", requests: 41_000, refused: 5_600 }, 15_000_000),
    caller({ kind: "ip", value: "203.0.113.9", requests: 9_000, refused: 400 }, 600_000),
    caller({ kind: "ip", value: "2001:db8:1:2::/64", requests: 700, refused: 111 }, 30_000),
  ],
  callersSeen: { count: 3_412, isEstimate: false },
  callersRefused: { count: 14, isEstimate: false },
  endpoints: [
    { endpoint: "POST /v1/events", requests: 240_112, admitted: 234_362, refused: 5_750, shadowRefused: 0 },
    { endpoint: null, requests: 964_219, admitted: 963_858, refused: 361, shadowRefused: 320 },
  ],
  shutOut: { times: 120, totalMs: 15_630_000, longestMs: 3_600_000 },
  timeline: { stepMs: STEP_MS, steps: Array.from({ length: 96 }, (_, i) => stepAt(i)) },
  log: {
    files: ["access.log"],
    bytes: 230_000_000,
    lines: 1_204_345,
    faults: [
      {
        kind: "unparsable",
        count: 14,
        examples: [{ file: "access.log", line: 812, why: "no time in brackets" }],
      },
      { kind: "time-backwards", count: 1, examples: [{ file: "access.log", line: 9_001, why: "by 3 s" }] },
    ],
  },
  notes: ["The log has no bodies: each request costs 1 where `cost: items` counts them."],
};

/** What a stranger may send to be read in a report. */
export const HOSTILE = `<script>alert("1")</script>\u001b[2J\u202e&'`;

function stepAt(i: number): TimelineStep {
  const admitted = Math.round(12_500 + 9_000 * Math.sin(((i - 36) / 96) * 2 * Math.PI));
  const refused = i > 70 && i < 78 ? 870 : i === 20 ? 21 : 0;
  return { from: FROM + i * STEP_MS, admitted, refused, shadowRefused: i === 21 ? 320 : 0 };
}

function limit(
  tally: Pick<LimitTally, "name" | "met" | "denied" | "binding"> & Partial<LimitTally>,
  callersDenied: number,
): LimitTally {
  return { kind: "rate", isShadow: false, ...tally, callersDenied: { count: callersDenied, isEstimate: false } };
}

function caller(tally: Pick<CallerTally, "kind" | "value" | "requests" | "refused">, shutOutMs: number): CallerTally {
  return {
    ...tally,
    shadowRefused: 0,
    refusedBy: { writes: tally.refused - 1, reads: 1 },
    shutOut: { times: 40, totalMs: shutOutMs, longestMs: Math.min(shutOutMs, 3_600_000) },
  };
}

/** Of an empty log. */
export const NOTHING: Rehearsal = {
  ...SAMPLE,
  from: null,
  until: null,
  requests: 0,
  admitted: 0,
  refused: 0,
  shadowRefused: 0,
  reasons: { limited: 0, "too-costly": 0, "too-large": 0, suspended: 0, unreadable: 0 },
  limits: SAMPLE.limits.map((tally) => ({ ...tally, met: 0, denied: 0, binding: 0 })),
  callers: [],
  callersSeen: { count: 0, isEstimate: false },
  callersRefused: { count: 0, isEstimate: false },
  endpoints: [],
  shutOut: { times: 0, totalMs: 0, longestMs: 0 },
  timeline: { stepMs: 1000, steps: [] },
  log: { ...SAMPLE.log, lines: 0, faults: [] },
};

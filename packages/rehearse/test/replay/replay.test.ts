import type { Rehearsal, Replay } from "@headgate/rehearse";
import { describe, expect, test } from "vitest";
import { at, replayOf, START } from "./rehearsed.ts";

const LOG = { files: ["log"], bytes: 0, lines: 0, faults: [] };

function reportOf(replay: Replay): Rehearsal {
  return replay.rehearsal(LOG);
}

const ONE_A_MINUTE = "limits: [{ name: each, per: ip, quota: 1, window: 1m }]";

describe("a replay", () => {
  test("decides on the clock of the log", () => {
    const replay = replayOf(ONE_A_MINUTE);
    expect(replay.take(at(0))).toMatchObject({ refusedFor: undefined });
    expect(replay.take(at(20_500))).toMatchObject({ refusedFor: "limited", refusedBy: "each", retryAfterSeconds: 40 });
    expect(replay.take(at(60_000))).toMatchObject({ refusedFor: undefined, retryAfterSeconds: undefined });
  });

  test("counts what it decided, by limit, caller, endpoint and time", () => {
    const replay = replayOf(`
title: Example
endpoints: { things: [ "/things/{id}" ] }
limits:
  - { name: each, per: ip, quota: 2, window: 1m }
  - { name: tried, per: [], quota: 1, window: 1m, mode: shadow }
  - { name: small, max-body: 1KB, match: { methods: POST } }`);
    replay.take(at(0, { target: "/things/1" }));
    replay.take(at(1000, { target: "/things/2" }));
    replay.take(at(2000, { target: "/things/3" }));
    replay.take(at(3000, { target: "/other" }));
    replay.take(at(4000, { ip: "192.0.2.2", method: "POST", bytes: 2000 }));
    replay.take(at(5000, { ip: "192.0.2.3", target: "/things/%2F" }));
    expect(reportOf(replay)).toEqual({
      title: "Example",
      from: START,
      until: START + 5000,
      requests: 6,
      admitted: 2,
      refused: 4,
      shadowRefused: 1,
      reasons: { limited: 2, "too-costly": 0, "too-large": 1, suspended: 0, unreadable: 1 },
      limits: [
        { name: "each", kind: "rate", isShadow: false, met: 4, denied: 2, binding: 2, callersDenied: exactly(1) },
        { name: "tried", kind: "rate", isShadow: true, met: 4, denied: 3, binding: 0, callersDenied: exactly(1) },
        { name: "small", kind: "body-cap", isShadow: false, met: 1, denied: 1, binding: 1, callersDenied: exactly(1) },
      ],
      callers: [
        {
          kind: "ip",
          value: "192.0.2.1",
          requests: 4,
          refused: 2,
          shadowRefused: 1,
          refusedBy: { each: 2 },
          shutOut: { times: 1, totalMs: 58_000, longestMs: 58_000 },
        },
        expect.objectContaining({ value: "192.0.2.2", refused: 1, refusedBy: { small: 1 } }),
        expect.objectContaining({ value: "192.0.2.3", refused: 1, refusedBy: { unreadable: 1 } }),
      ],
      callersSeen: exactly(3),
      callersRefused: exactly(3),
      endpoints: [
        { endpoint: null, requests: 3, admitted: 0, refused: 3, shadowRefused: 0 },
        { endpoint: "/things/{id}", requests: 3, admitted: 2, refused: 1, shadowRefused: 1 },
      ],
      shutOut: { times: 1, totalMs: 58_000, longestMs: 58_000 },
      timeline: {
        stepMs: 1000,
        steps: [
          { from: START, admitted: 1, refused: 0, shadowRefused: 0 },
          { from: START + 1000, admitted: 1, refused: 0, shadowRefused: 1 },
          { from: START + 2000, admitted: 0, refused: 1, shadowRefused: 0 },
          { from: START + 3000, admitted: 0, refused: 1, shadowRefused: 0 },
          { from: START + 4000, admitted: 0, refused: 1, shadowRefused: 0 },
          { from: START + 5000, admitted: 0, refused: 1, shadowRefused: 0 },
        ],
      },
      log: LOG,
      notes: ["5 requests name no size of a body, and were taken to have none."],
    });
  });

  test("of nothing says so, and no more", () => {
    const rehearsal = reportOf(replayOf(ONE_A_MINUTE));
    expect(rehearsal).toMatchObject({ from: null, until: null, requests: 0, callers: [], notes: [] });
    expect(rehearsal.timeline.steps).toEqual([]);
  });

  test("does not show the credentials of callers", () => {
    const replay = replayOf(`
callers: { api-key: { bearer: true } }
limits: [{ name: each, per: api-key, quota: 1, window: 1m }]`);
    for (let i = 0; i < 3; i++) replay.take(at(i, { headers: { authorization: "Bearer sk_live_0123456789" } }));
    const rehearsal = reportOf(replay);
    expect(rehearsal.callers[0]).toMatchObject({
      kind: "api-key",
      value: expect.stringMatching(/^sk_live_… \(\w{6}\)$/),
    });
    expect(JSON.stringify(rehearsal)).not.toContain("0123456789");
  });
});

describe("what the answer in the log settles", () => {
  test("is given back", () => {
    const replay = replayOf("limits: [{ name: each, per: ip, quota: 1, window: 1m, refund: { status: 304 } }]");
    for (let i = 0; i < 9; i++) expect(replay.take(at(i, { status: 304 })).refusedFor).toBeUndefined();
    replay.take(at(10, { status: 200 }));
    expect(replay.take(at(11, { status: 304 }))).toMatchObject({ refusedFor: "limited" });
  });

  test("is whether a credential is good, where the upstream knows", () => {
    const replay = replayOf(`
credentials: upstream
callers: { api-key: { bearer: true } }
limits: [{ name: strangers, match: { authenticated: false }, per: ip, quota: 2, window: 1m }]`);
    const send = (ms: number, key: string, status: number) =>
      replay.take(at(ms, { headers: { authorization: `Bearer ${key}` }, status })).refusedFor;
    // The first request of a good key is charged as a stranger's until the answer shows what it is.
    for (let i = 0; i < 9; i++) expect(send(i, "good", 200)).toBeUndefined();
    expect([send(10, "bad", 401), send(11, "bad", 401), send(12, "bad", 401)]).toEqual([
      undefined,
      undefined,
      "limited",
    ]);
    expect(send(13, "good", 200)).toBeUndefined();
  });

  test("without a status in the log is that of an answer with 200, and a note says so", () => {
    const replay = replayOf("limits: [{ name: each, per: ip, quota: 1, window: 1m, charge: { status: 401 } }]");
    for (let i = 0; i < 3; i++) expect(replay.take(at(i)).refusedFor).toBeUndefined();
    expect(reportOf(replay).notes).toEqual(["3 requests name no status, and were taken for answered with 200."]);
  });
});

describe("concurrency limits", () => {
  const policy = "limits: [{ name: one, per: ip, algorithm: concurrency, quota: 1, hold: 1m }]";

  test("hold a place for as long as the log says a request took", () => {
    const replay = replayOf(policy);
    const send = (ms: number, durationMs: number) => replay.take(at(ms, { durationMs })).refusedFor;
    expect([send(0, 500), send(499, 500), send(500, 100), send(550, 1), send(600, 1)]).toEqual([
      undefined,
      "limited",
      undefined,
      "limited",
      undefined,
    ]);
  });

  test("hold none where it does not say, and a note tells", () => {
    const replay = replayOf(policy);
    for (let i = 0; i < 3; i++) expect(replay.take(at(0)).refusedFor).toBeUndefined();
    expect(reportOf(replay).notes).toEqual([
      "3 requests name no duration, and were taken to leave concurrency limits at once.",
    ]);
  });
});

describe("suspensions", () => {
  const policy = `
limits: [{ name: each, per: ip, quota: 1, window: 10s }]
suspend: [{ per: ip, after: 3 denials, within: 1m, for: 1h }]`;

  test("shut a caller out that is denied too often, for their time", () => {
    const replay = replayOf(policy);
    const send = (ms: number) => replay.take(at(ms));
    expect([0, 1, 2, 3].map((ms) => send(ms).refusedFor)).toEqual([undefined, "limited", "limited", "limited"]);
    expect(send(20_000)).toMatchObject({ refusedFor: "suspended", refusedBy: undefined, retryAfterSeconds: 3581 });
    expect(replay.take(at(20_000, { ip: "192.0.2.9" })).refusedFor).toBeUndefined();
    expect(send(3_600_002).refusedFor).toBe("suspended");
    expect(send(3_600_003).refusedFor).toBeUndefined();
    expect(reportOf(replay).callers[0]).toMatchObject({
      refusedBy: { each: 3, suspended: 2 },
      shutOut: { times: 2, totalMs: 10_002 + 3_580_003 },
    });
  });

  test("have no end in a log where nobody lifts them", () => {
    const replay = replayOf(policy.replace("for: 1h", "for: until-lifted"));
    for (let i = 0; i < 4; i++) replay.take(at(i));
    expect(replay.take(at(400 * 86_400_000))).toMatchObject({ refusedFor: "suspended", retryAfterSeconds: undefined });
  });

  test("are of the account under managed credentials, which a note says are taken for good", () => {
    const replay = replayOf(`
credentials: managed
callers: { api-key: { bearer: ex_ } }
limits: [{ name: each, per: account, quota: 1, window: 10s }]
suspend: [{ per: account, after: 1 denials, within: 1m, for: 1h }]`);
    const send = (ms: number, key: string, ip: string) =>
      replay.take(at(ms, { headers: { authorization: `Bearer ${key}` }, ip })).refusedFor;
    expect([send(0, "ex_a", "192.0.2.1"), send(1, "ex_a", "192.0.2.1")]).toEqual([undefined, "limited"]);
    expect(send(20_000, "ex_a", "192.0.2.2")).toBe("suspended");
    expect(send(20_000, "ex_b", "192.0.2.1")).toBeUndefined();
    expect(reportOf(replay).notes).toEqual([
      "Credentials were all taken for valid, each for a key and an account of its own: a log does not tell who is on record.",
    ]);
  });
});
function exactly(count: number): { readonly count: number; readonly isEstimate: false } {
  return { count, isEstimate: false };
}

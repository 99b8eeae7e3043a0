import { decisionLine } from "@headgate/rehearse";
import { describe, expect, test } from "vitest";
import { at, replayOf, START } from "./rehearsed.ts";

const POLICY = `
limits:
  - { name: each, per: ip, quota: 2, window: 1m }
  - { name: tried, per: [], quota: 1, window: 1m, mode: shadow }
  - { name: small, max-body: 1KB, match: { path: "/small" } }
  - { name: large, match: { path: "/large" }, cost: bytes, per: ip, quota: 10, window: 1m }
suspend: [{ per: ip, after: 1 denials, within: 1m, for: 1m }]`;

describe("the line of a decision", () => {
  const replay = replayOf(POLICY);
  const lineOf = (...request: Parameters<typeof at>): unknown => JSON.parse(decisionLine(replay.take(at(...request))));

  test("tells the binding limit of an admitted request, and all that were asked", () => {
    expect(decisionLine(replay.take(at(0)))).toBe(
      `{"time":${START},"allowed":true,"limit":"each","quota":2,"remaining":1,"reset_ms":60000,"retry_after":null,` +
        '"limits":[{"name":"each","remaining":1,"allowed":true},{"name":"tried","remaining":0,"allowed":true}]}\n',
    );
  });

  test("names the cap that a body is above, and no rate", () => {
    expect(lineOf(500, { target: "/small", bytes: 1025 })).toEqual({
      ...{ time: START + 500, allowed: false, limit: "small", quota: null, remaining: null, reset_ms: null },
      retry_after: null,
      limits: [
        { name: "each", remaining: 1, allowed: true },
        { name: "tried", remaining: 0, allowed: false },
      ],
    });
  });

  test("has no time to wait where waiting does not help", () => {
    expect(lineOf(600, { target: "/large", bytes: 11 })).toMatchObject({
      ...{ allowed: false, limit: "large", quota: 10, remaining: 10, retry_after: null },
    });
  });

  test("tells how long to wait where that helps", () => {
    lineOf(1000);
    expect(lineOf(1500)).toMatchObject({
      allowed: false,
      limit: "each",
      remaining: 0,
      reset_ms: 58_500,
      retry_after: 59,
    });
  });

  test("names no limit for a caller that is suspended", () => {
    expect(lineOf(2000)).toMatchObject({ allowed: false, limit: null, quota: null, retry_after: 60 });
  });

  test("has no limits where a gate could not read the request", () => {
    expect(lineOf(3000, { target: "/a/..%2f" })).toEqual({
      ...{ time: START + 3000, allowed: false, limit: null, quota: null, remaining: null, reset_ms: null },
      ...{ retry_after: null, limits: [] },
    });
  });

  test("has no limit where none is met", () => {
    const none = replayOf("limits: [{ name: each, match: { path: /a }, per: ip, quota: 1, window: 1m }]");
    expect(JSON.parse(decisionLine(none.take(at(0))))).toMatchObject({ allowed: true, limit: null, limits: [] });
  });
});

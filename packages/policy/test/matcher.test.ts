import { describe, expect, test } from "vitest";
import { compileEndpoints } from "../src/endpoints.ts";
import type { Facts } from "../src/facts.ts";
import { compileMatch } from "../src/matcher.ts";
import type { MatchSection } from "../src/schema/match.ts";

const endpoints = compileEndpoints({
  readings: ["/v1/meters/{id}/readings"],
  token: ["POST /v1/token", "/v1/session"],
});

const FACTS: Facts = {
  method: "POST",
  path: "/v1/meters/7/readings",
  headers: { "user-agent": "curl/8.1", "x-beta": "", accept: ["text/html", "application/json"] },
  callers: { ip: "192.0.2.1" },
  authenticated: true,
  plan: "pro",
};

function whyNot(match: MatchSection | undefined, facts: Partial<Facts> = {}): string | undefined {
  const matcher = compileMatch(match, endpoints);
  const all = { ...FACTS, ...facts };
  const reason = matcher.whyNot(all)?.reason;
  expect(matcher.matches(all)).toBe(reason === undefined);
  return reason;
}

describe("a match", () => {
  test.each<[MatchSection | undefined]>([
    [undefined],
    [{}],
    [{ path: "/v1/**" }],
    [{ path: ["/v2/**", "/v1/**"] }],
    [{ methods: "POST" }],
    [{ methods: ["GET", "POST"] }],
    [{ authenticated: true }],
    [{ endpoint: "readings" }],
    [{ endpoint: ["token", "readings"] }],
    [{ plan: ["free", "pro"] }],
    [{ headers: { "User-Agent": "curl/*", "x-beta": true, accept: "*/json" } }],
    [{ not: { methods: "GET" } }],
    [{ not: { methods: "POST", plan: "free" } }],
    [{ not: { not: { methods: "POST" } } }],
    [{ path: "/v1/**", methods: "POST", authenticated: true, plan: "pro", not: { endpoint: "token" } }],
  ])("of %j holds", (match) => {
    expect(whyNot(match)).toBeUndefined();
  });

  test.each<[MatchSection, string]>([
    [{ path: ["/v2/**", "/v3/**"] }, "the path /v1/meters/7/readings does not match /v2/** or /v3/**"],
    [{ methods: ["GET", "HEAD"] }, "the method is POST, not GET or HEAD"],
    [{ authenticated: false }, "the request is authenticated"],
    [{ endpoint: "token" }, "POST /v1/meters/7/readings is not of the endpoint token"],
    [{ plan: "free" }, "the plan is pro, not free"],
    [{ headers: { "user-agent": "wget/*" } }, "the header user-agent is not wget/*"],
    [{ headers: { "x-tenant": true } }, "the header x-tenant is missing"],
    [{ not: { methods: "POST", plan: "pro" } }, "all of `not` holds: methods, plan"],
    [{ not: {} }, "all of `not` holds: "],
  ])("of %j does not, and says why: %s", (match, reason) => {
    expect(whyNot(match)).toBe(reason);
  });

  test("of a plan does not hold where the plan is not known", () => {
    expect(whyNot({ plan: "pro" }, { plan: undefined })).toBe("the plan is not known, not pro");
  });

  test.each([
    ["a*b", "ab", true],
    ["a*b", "axxb", true],
    ["a*b", "axbx", false],
    ["aba*aba", "aba", false],
    ["*x*y*", "__x__y__", true],
    ["*x*y*", "__y__x__", false],
    ["*", "", true],
    ["a.c", "abc", false],
  ])("of a header with %j and the value %j: %s", (wanted, value, holds) => {
    expect(whyNot({ headers: { h: wanted } }, { headers: { h: value } }) === undefined).toBe(holds);
  });
});

describe("endpoints", () => {
  test("are the pattern as written, and one for all that is not listed", () => {
    expect(endpoints.patternOf("GET", "/v1/meters/7/readings")).toBe("/v1/meters/{id}/readings");
    expect(endpoints.patternOf("POST", "/v1/token/")).toBe("POST /v1/token");
    expect(endpoints.patternOf("GET", "/v1/token")).toBe("");
    expect(endpoints.patternOf("GET", "/elsewhere")).toBe("");
  });

  test("have each pattern once, however many groups it is in", () => {
    const twice = compileEndpoints({ a: ["/x", "GET /y"], b: "/x" });
    expect(twice.patterns).toEqual(["/x", "GET /y"]);
  });

  test("belong to their group only", () => {
    expect(endpoints.isIn("token", "GET", "/v1/session")).toBe(true);
    expect(endpoints.isIn("token", "GET", "/v1/token")).toBe(false);
    expect(endpoints.isIn("toString", "GET", "/v1/token")).toBe(false);
  });
});

import { expect, test } from "vitest";
import { applicationsOf, explain, type Facts, loadPolicy, type Policy } from "../src/index.ts";

const { policy } = loadPolicy(`
headgate: 1
upstream: http://127.0.0.1:3000
callers: { api-key: { bearer: true } }
endpoints: { meters: ["/v1/meters/{id}"] }
limits:
  - { name: writes, match: { methods: POST }, per: api-key, quota: 10, window: 1m }
  - { name: keys, per: [api-key, endpoint], quota: 100, window: 1m }
  - { name: addresses, per: ip, quota: 100, window: 1m }
  - { name: all, per: [], quota: 1000, window: 1m }
  - { name: payload, match: { path: /v1/** }, max-body: 1KB }
`) as { policy: Policy };

const facts: Facts = {
  method: "GET",
  path: "/v1/meters/7",
  headers: {},
  callers: { ip: "192.0.2.1", "api-key": "ex_sk_very_secret" },
  authenticated: true,
};

test("every limit and cap is explained, with secrets cut short", () => {
  expect(explain(policy, facts)).toMatchObject([
    { name: "writes", kind: "limit", applies: false, reason: "the method is GET, not POST", unmet: "methods" },
    {
      name: "keys",
      kind: "limit",
      applies: true,
      reason: "it matches, and counts by api-key ex_sk… and endpoint /v1/meters/{id}",
      countedBy: { "api-key": "ex_sk…", endpoint: "/v1/meters/{id}" },
    },
    { name: "addresses", kind: "limit", applies: true, reason: "it matches, and counts by ip 192.0.2.1" },
    { name: "all", kind: "limit", applies: true, reason: "it matches, and counts everyone together", countedBy: {} },
    { name: "payload", kind: "body-cap", applies: true, reason: "it matches: bodies over 1024 bytes are refused" },
  ]);
});

test("of a secret no more is shown than a third, and no more than eight characters", () => {
  const shownOf = (key: string): string | undefined => {
    const [, keys] = explain(policy, { ...facts, callers: { ...facts.callers, "api-key": key } });
    return keys?.kind === "limit" ? keys.countedBy?.["api-key"] : undefined;
  };
  expect(["ab", "abc", "alice-secret", "ex_sk_a_very_long_secret_indeed"].map(shownOf)).toEqual([
    "…",
    "a…",
    "alic…",
    "ex_sk_a_…",
  ]);
});

test("what a limit allows is told, in the plan that is asked about", () => {
  const { policy } = loadPolicy(`
headgate: 1
callers: { api-key: { bearer: true } }
credentials: managed
limits:
  - { name: calls, per: account, quota: 10, window: 1m, mode: shadow, plans: { pro: { quota: 100 } } }
  - { name: bucket, per: account, quota: 10, window: 1m, algorithm: token-bucket, burst: 20, cost: 5 }
  - { name: places, per: account, quota: 3, algorithm: concurrency }
`) as { policy: Policy };
  const asked = { ...facts, callers: { ip: "192.0.2.1", account: "acc_1" } };
  expect(explain(policy, asked)).toMatchObject([
    { mode: "shadow", algorithm: "fixed-window", quota: 10, window: "1m", cost: { kind: "units", units: 1 } },
    { mode: "enforce", algorithm: "token-bucket", quota: 10, burst: 20, cost: { kind: "units", units: 5 } },
    { algorithm: "concurrency", quota: 3 },
  ]);
  expect(explain(policy, { ...asked, plan: "pro" })).toMatchObject([{ quota: 100 }, { quota: 10 }, { quota: 3 }]);
});

test("a missing caller is named", () => {
  const anonymous = { ...facts, path: "/", callers: { ip: "192.0.2.1" }, authenticated: false };
  const reasons = new Map(explain(policy, anonymous).map(({ name, reason }) => [name, reason]));
  expect(reasons.get("keys")).toBe("it counts by api-key, and the request has none");
  expect(reasons.get("payload")).toBe("the path / does not match /v1/**");
});

test("what is explained to apply is what applies", () => {
  for (const method of ["GET", "POST"]) {
    const asked = { ...facts, method };
    const explained = explain(policy, asked).filter(({ kind, applies }) => kind === "limit" && applies);
    const applied = applicationsOf(policy, asked, 0).map(({ policyLimit }) => policyLimit.limit.name);
    expect(explained.map(({ name }) => name)).toEqual(applied);
  }
});

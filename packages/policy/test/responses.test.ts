import { type Decision, MemoryStore, toDecision } from "@headgate/core";
import { describe, expect, test } from "vitest";
import { Engine, type Facts, loadPolicy, type Policy, renderRefusal } from "../src/index.ts";

const NOW = Date.UTC(2026, 0, 1);
const FACTS: Facts = { method: "GET", path: "/", headers: {}, callers: { ip: "192.0.2.1" }, authenticated: false };

function load(limits: string, responses = "{}"): Policy {
  const { policy, problems } = loadPolicy(
    `headgate: 1\nupstream: http://127.0.0.1:3000\nlimits: ${limits}\nresponses: ${responses}`,
  );
  expect(problems.filter(({ severity }) => severity === "fault")).toEqual([]);
  return policy as Policy;
}

/** Decides requests until one is refused. */
function refusalOf(policy: Policy): Decision {
  const engine = new Engine(policy, new MemoryStore({ maxPartitions: 100 }));
  for (let i = 0; i < 100; i++) {
    const ruling = engine.decide(engine.match(FACTS, NOW), undefined, NOW);
    if (ruling instanceof Promise) throw new Error("the memory store answers at once");
    if (!ruling.decision.allowed) return ruling.decision;
  }
  throw new Error("nothing was refused");
}

const LIMIT = "[{ name: main, per: ip, quota: 2, window: 45s }]";

describe("a limited request", () => {
  test("gets a problem with the violated policies and the wait", () => {
    const policy = load(LIMIT);
    const { status, headers, body } = renderRefusal(policy, "limited", { decision: refusalOf(policy), now: NOW });
    expect(status).toBe(429);
    expect(headers).toEqual([
      ["Content-Type", "application/problem+json"],
      ["Retry-After", "45"],
    ]);
    expect(JSON.parse(body)).toEqual({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Quota exceeded",
      status: 429,
      detail: 'Limit "main" allows 2 requests per 45s. Try again in 45 seconds.',
      "violated-policies": ["main"],
    });
  });

  test("is not told of shadow limits", () => {
    const policy = load(
      "[{ name: main, per: ip, quota: 2, window: 45s }, { name: ghost, per: ip, quota: 1, window: 1h, mode: shadow }]",
    );
    const { body } = renderRefusal(policy, "limited", { decision: refusalOf(policy), now: NOW });
    expect(JSON.parse(body)["violated-policies"]).toEqual(["main"]);
    expect(body).not.toContain("ghost");
  });

  test("gets the policy's body, with everything put in; a lone number stays a number", () => {
    const policy = load(
      LIMIT,
      `{ limited: { status: 420, body: { text: "{limit}: {quota} per {window}, {remaining} left, {retry_after} s, {reset}", wait: "{retry_after}", list: ["{remaining}", { at: "{reset}" }], fixed: 7, none: null } } }`,
    );
    const { status, headers, body } = renderRefusal(policy, "limited", { decision: refusalOf(policy), now: NOW });
    const reset = NOW / 1000 + 45;
    expect(status).toBe(420);
    expect(headers[0]).toEqual(["Content-Type", "application/json"]);
    expect(JSON.parse(body)).toEqual({
      text: `main: 2 per 45s, 0 left, 45 s, ${reset}`,
      wait: 45,
      list: [0, { at: reset }],
      fixed: 7,
      none: null,
    });
  });

  test("gets text as text, and the type that the policy says", () => {
    const plain = load(LIMIT, `{ limited: { body: "Wait {retry_after}. {x}" } }`.replace(" {x}", ""));
    const given = renderRefusal(plain, "limited", { decision: refusalOf(plain), now: NOW });
    expect(given.headers[0]).toEqual(["Content-Type", "text/plain; charset=utf-8"]);
    expect(given.body).toBe("Wait 45.");
    const typed = load(LIMIT, `{ limited: { content-type: application/vnd.api+json, body: { errors: [] } } }`);
    expect(renderRefusal(typed, "limited", { decision: refusalOf(typed), now: NOW }).headers[0]).toEqual([
      "Content-Type",
      "application/vnd.api+json",
    ]);
  });

  test("gets the limit's own response before the policy's", () => {
    const policy = load(
      `[{ name: main, per: ip, quota: 2, window: 45s, response: { status: 503, body: "own" } }]`,
      `{ limited: { body: "shared" } }`,
    );
    const given = renderRefusal(policy, "limited", { decision: refusalOf(policy), now: NOW });
    expect([given.status, given.body]).toEqual([503, "own"]);
  });

  test("gets the reset in the policy's own format", () => {
    const policy = load(LIMIT, `{ headers: { reset: iso-8601 }, limited: { body: "{reset}" } }`);
    const { body } = renderRefusal(policy, "limited", { decision: refusalOf(policy), now: NOW });
    expect(body).toBe("2026-01-01T00:00:45.000000Z");
  });

  test.each([
    ["limited", "45", "45"],
    ["never", undefined, "45"],
    ["60", "60", "60"],
  ])("with retry-after: %s is sent %s, and its body says %s", (retryAfter, header, inBody) => {
    const policy = load(LIMIT, `{ retry-after: ${retryAfter}, limited: { body: "{retry_after}" } }`);
    const { headers, body } = renderRefusal(policy, "limited", { decision: refusalOf(policy), now: NOW });
    expect(new Map(headers).get("Retry-After")).toBe(header);
    expect(body).toBe(inBody);
  });

  test("of a plan is told the plan's quota", () => {
    const policy = load(`[{ name: main, per: ip, quota: 2, window: 45s, plans: { pro: { quota: 9 } } }]`, "{}");
    const limit = policy.limits[0]?.plans.get("pro");
    if (!limit) throw new Error("no plan");
    const verdict = { limit, admitted: false, used: 9, remaining: 0, resetMs: 500, retryAfterMs: 500, ticket: -1 };
    const { body } = renderRefusal(policy, "limited", { decision: toDecision([verdict]), now: NOW });
    expect(JSON.parse(body).detail).toBe('Limit "main" allows 9 requests per 45s. Try again in 1 second.');
  });

  test("of a single unit is told of it as one", () => {
    const [policyLimit] = load("[{ name: main, per: ip, quota: 1, window: 45s }]").limits;
    if (!policyLimit) throw new Error("no limit");
    const { limit } = policyLimit;
    const detailAfter = (retryAfterMs: number) => {
      const verdict = { limit, admitted: false, used: 1, remaining: 0, resetMs: 500, retryAfterMs, ticket: -1 };
      const { body } = renderRefusal(load("[]"), "limited", { decision: toDecision([verdict]), now: NOW });
      return JSON.parse(body).detail;
    };
    expect(detailAfter(500)).toContain("allows 1 request per");
    expect(detailAfter(Number.POSITIVE_INFINITY)).toContain("more than the 1 request that limit");
  });

  test("of a concurrency limit is told what may be in flight", () => {
    const policy = load("[{ name: main, per: ip, quota: 2, algorithm: concurrency }]");
    const { body } = renderRefusal(policy, "limited", { decision: refusalOf(policy), now: NOW });
    expect(JSON.parse(body).detail).toContain("allows 2 requests at once.");
  });
});

describe("a request that no waiting can help", () => {
  test("is too large, without Retry-After", () => {
    const policy = load(LIMIT, "{ retry-after: 60 }");
    const limit = policy.limits[0]?.limit;
    if (!limit) throw new Error("no limit");
    const retryAfterMs = Number.POSITIVE_INFINITY;
    const verdict = { limit, admitted: false, used: 0, remaining: 2, resetMs: 0, retryAfterMs, ticket: -1 };
    const details = { decision: toDecision([verdict]), now: NOW };
    const given = renderRefusal(policy, "limited", details);
    expect(given).toEqual(renderRefusal(policy, "too-large", details));
    expect(given.status).toBe(413);
    expect(given.headers).toEqual([["Content-Type", "application/problem+json"]]);
    expect(JSON.parse(given.body)).toMatchObject({ type: "about:blank", status: 413 });
  });
});

describe("a body over its cap", () => {
  const cap = "[{ name: payload, max-body: 1KB }]";

  test("gets a problem that names the cap", () => {
    const policy = load(cap);
    const { status, body } = renderRefusal(policy, "too-large", { cap: policy.bodyCaps[0] });
    expect(status).toBe(413);
    expect(JSON.parse(body)).toEqual({
      type: "about:blank",
      title: "Content Too Large",
      status: 413,
      detail: 'The body is larger than 1024 bytes ("payload").',
    });
  });

  test("gets the cap's own response before the policy's", () => {
    const shared = load(cap, `{ too-large: { body: { most: "{quota}", by: "{limit}", wait: "{retry_after}" } } }`);
    const given = renderRefusal(shared, "too-large", { cap: shared.bodyCaps[0] });
    expect(JSON.parse(given.body)).toEqual({ most: 1024, by: "payload", wait: null });
    const own = load(`[{ name: payload, max-body: 1KB, response: { body: own } }]`, "{ too-large: { body: shared } }");
    expect(renderRefusal(own, "too-large", { cap: own.bodyCaps[0] }).body).toBe("own");
  });
});

test("a request without a valid credential is told how to present one", () => {
  const policy = load("[]");
  const { status, headers, body } = renderRefusal(policy, "unauthenticated");
  expect(status).toBe(401);
  expect(new Map(headers).get("WWW-Authenticate")).toBe("Bearer");
  expect(JSON.parse(body)).toMatchObject({ type: "about:blank", status: 401 });
});

test("a suspended caller is refused with 403, or as the policy says", () => {
  expect(renderRefusal(load("[]"), "suspended").status).toBe(403);
  const policy = load("[]", "{ suspended: { status: 402, body: { error: suspended } } }");
  const headers = [["Content-Type", "application/json"]];
  expect(renderRefusal(policy, "suspended")).toEqual({ status: 402, headers, body: '{"error":"suspended"}' });
});

test("a suspension that ends says when in Retry-After, and one that does not has none", () => {
  const policy = load("[]", "{ suspended: { body: { error: 'Come back in {retry_after} s.' } } }");
  const ending = renderRefusal(policy, "suspended", { suspendedForSeconds: 90 });
  expect(new Map(ending.headers).get("Retry-After")).toBe("90");
  expect(ending.body).toBe('{"error":"Come back in 90 s."}');
  const endless = renderRefusal(load("[]"), "suspended", { suspendedForSeconds: undefined });
  expect(new Map(endless.headers).has("Retry-After")).toBe(false);
});

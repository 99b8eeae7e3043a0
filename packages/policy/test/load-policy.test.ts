import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DEFAULT_EVENTS_POLICY, loadPolicy, type Policy } from "../src/index.ts";

function load(text: string): Policy {
  const { policy, problems } = loadPolicy(text, { file: "/etc/headgate/policy.yaml" });
  expect(problems).toEqual([]);
  return policy as Policy;
}

describe("a policy with every field", () => {
  const policy = load(readFileSync(new URL("fixtures/good/full.yaml", import.meta.url), "utf8"));
  const limitOf = (name: string) => policy.limits.find(({ limit }) => limit.name === name);

  test("is compiled whole, in the file's order", () => {
    expect(policy.limits.map(({ limit }) => limit.name)).toEqual([
      "writes",
      "per-address",
      "batches",
      "failed-logins",
      "traffic",
      "compute",
      "everyone",
      "exports",
    ]);
    expect(policy.title).toBe("Example API");
    expect(policy.upstream).toEqual({ kind: "http", url: new URL("http://127.0.0.1:3000/base") });
    expect(policy.bodyCaps).toMatchObject([{ name: "payload", maxBytes: 204_800 }]);
    expect(policy).toMatchObject({ credentials: "upstream", isConditional: true, maxPartitions: 100_000 });
    expect(policy.responses).toMatchObject({
      headers: { style: "x-ratelimit", reset: "iso-8601" },
      upstreamHeaders: "keep",
      retryAfter: "limited",
      limited: { status: 429 },
      tooLarge: { status: 413, contentType: "text/plain", body: "Too large." },
    });
  });

  test("keeps what core must know of each limit", () => {
    expect(limitOf("writes")?.limit).toMatchObject({ quota: 25, windowMs: 300_000, countRejected: true });
    expect(limitOf("batches")?.limit).toMatchObject({ algorithm: "token-bucket", capacity: 200 });
    expect(limitOf("failed-logins")?.limit.align).toBe("clock");
    expect(limitOf("traffic")?.limit).toMatchObject({
      calendar: { unit: "month", timezone: "Europe/Berlin" },
      unit: "content-bytes",
      isShadow: true,
    });
    expect(limitOf("compute")?.limit.calendar).toEqual({ unit: "day", timezone: "UTC" });
    expect(limitOf("everyone")?.limit).toMatchObject({ algorithm: "concurrency", windowMs: 30_000 });
  });

  test("keeps what a request costs and what gives it back", () => {
    expect(limitOf("writes")?.cost).toEqual({ kind: "units", units: 1 });
    expect(limitOf("batches")?.cost).toEqual({ kind: "items", pointer: "/events" });
    expect(limitOf("compute")?.cost).toEqual({ kind: "response-header", name: "x-cost" });
    expect(limitOf("exports")?.cost).toEqual({ kind: "units", units: 10 });
    const refund = limitOf("per-address")?.refund;
    expect([200, 304, 404, 500, 599].map((status) => refund?.(status))).toEqual([false, true, false, true, true]);
    expect(limitOf("failed-logins")?.charge?.(401)).toBe(true);
    expect(limitOf("failed-logins")?.charge?.(200)).toBe(false);
  });

  test("finds the keys that verify tokens beside itself", () => {
    expect(policy.callers.jwks).toBe("/etc/headgate/keys.json");
  });
});

test("plans get another quota on the same counter", () => {
  const { limits } = load(readFileSync(new URL("fixtures/good/managed.yaml", import.meta.url), "utf8"));
  const [account, batches] = limits;
  expect(account?.plans.get("pro")).toMatchObject({ quota: 1000, counterId: account?.limit.counterId });
  expect(batches?.plans.get("pro")).toMatchObject({ quota: 5000, capacity: 1000 });
});

describe("defaults", () => {
  const HEAD = "headgate: 1\nupstream: http://127.0.0.1:3000\n";

  test("are those of the reference", () => {
    const policy = load(`${HEAD}limits: [{ name: all, per: ip, quota: 10, window: 1s }]`);
    expect(policy).toMatchObject({
      events: DEFAULT_EVENTS_POLICY,
      credentials: "presented",
      isConditional: false,
      maxPartitions: 1_000_000,
      responses: {
        headers: { style: "both", reset: "epoch-seconds" },
        upstreamHeaders: "strip",
        retryAfter: "limited",
        limited: undefined,
      },
    });
    expect(policy.limits[0]).toMatchObject({
      limit: { algorithm: "fixed-window", align: "first-request", isShadow: false, countRejected: false },
      cost: { kind: "units", units: 1 },
      onStoreError: "allow",
      windowText: "1s",
    });
  });

  test("no limits at all is a policy too", () => {
    expect(load(`${HEAD}limits: []`).limits).toEqual([]);
  });
});

test("limits that share a name count apart", () => {
  const { policy } = loadPolicy(`headgate: 1
upstream: http://127.0.0.1:3000
limits:
  - { name: a, match: { methods: GET }, per: ip, quota: 10, window: 1s }
  - { name: a, match: { methods: PUT }, per: ip, quota: 10, window: 1s }
`);
  const [first, second] = policy?.limits ?? [];
  expect(first?.limit.counterId).not.toEqual(second?.limit.counterId);
});

test("an anchor may share a body between limits", () => {
  const policy = load(`headgate: 1
upstream: http://127.0.0.1:3000
limits:
  - { name: a, per: ip, quota: 10, window: 1s, response: &slow { body: { error: slow down } } }
  - { name: b, per: [ip, method], quota: 5, window: 1s, response: *slow }
`);
  expect(policy.limits[1]?.response?.body).toEqual({ error: "slow down" });
});

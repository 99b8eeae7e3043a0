import { MemoryStore } from "@headgate/core";
import type { LimitNotice } from "@headgate/gateway";
import { Engine, type Facts, loadPolicy, type Policy, type QuotaOverride, type Ruling } from "@headgate/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LimitWatch } from "../src/limit-watch.ts";
import { bearer, issueKey, issueToken } from "./issue.ts";
import { startManagedRig } from "./rig.ts";

const NOON = Date.UTC(2030, 0, 1, 12);

/** A policy being enforced and watched, on a clock of its own. */
class Watched {
  readonly notices: LimitNotice[] = [];
  readonly engine: Engine;
  now: number = NOON;
  readonly #watch = new LimitWatch((notice) => this.notices.push(notice));

  constructor(policy: Policy) {
    this.engine = new Engine(policy, new MemoryStore({ maxPartitions: 1000 }));
  }

  /** Decides a request of an account; null: of a stranger. */
  request(account: string | null = "acme", change: Partial<Facts> = {}, bytes: number = 1): Ruling {
    const callers = { ip: "192.0.2.1", tenant: "blue", ...(account !== null && { account }) };
    const facts = { method: "GET", path: "/", headers: {}, callers, authenticated: account !== null, ...change };
    const ruling = this.engine.decide(this.engine.match(facts, this.now), { bytes }, this.now) as Ruling;
    this.#watch.note(ruling, account ?? undefined);
    return ruling;
  }

  /** What was told since the last time: the type's last word, whose and of which limit. */
  told(): string[] {
    return this.notices.splice(0).map(({ type, accountId, limit }) => `${type.slice(6)} ${accountId} ${limit}`);
  }
}

function policyOf(limits: string): Policy {
  const callers = "callers: { api-key: { bearer: true }, tenant: { header: x-tenant } }";
  const { policy } = loadPolicy(`headgate: 1\ncredentials: managed\n${callers}\nlimits: [${limits}]`);
  if (!policy) throw new Error(`not a policy: ${limits}`);
  return policy;
}

function watch(limits: string): Watched {
  return new Watched(policyOf(limits));
}

function override(change: QuotaOverride): Partial<Facts> {
  return { overrides: { of: () => change } };
}

describe("a caller that uses up its quota", () => {
  test("is told of at 80 %, and again when it is refused, once a window", () => {
    const watched = watch("{ name: calls, per: [account], quota: 10, window: 1m }");
    for (let i = 0; i < 7; i++) watched.request();
    expect(watched.notices).toEqual([]);
    watched.now += 500;
    watched.request();
    const base = { accountId: "acme", limit: "calls", quota: 10, resetAt: NOON + 60_000 };
    const approaching = { ...base, type: "limit.approaching", used: 8, remaining: 2, now: NOON + 500 };
    expect(watched.notices).toEqual([approaching]);

    for (let i = 0; i < 2; i++) watched.request();
    expect(watched.notices).toHaveLength(1);
    watched.now += 500;
    for (let i = 0; i < 5; i++) watched.request();
    const exceeded = { ...base, type: "limit.exceeded", used: 10, remaining: 0, now: NOON + 1000 };
    expect(watched.notices).toEqual([approaching, exceeded]);

    watched.now = NOON + 59_999;
    watched.request();
    expect(watched.notices).toHaveLength(2);
    watched.now = NOON + 60_000;
    for (let i = 0; i < 20; i++) watched.request();
    expect(watched.notices.slice(2)).toMatchObject([
      { type: "limit.approaching", used: 8, now: NOON + 60_000, resetAt: NOON + 120_000 },
      { type: "limit.exceeded", used: 10, now: NOON + 60_000, resetAt: NOON + 120_000 },
    ]);
  });

  test("is told of by whatever 80 % is in its plan and with its override", () => {
    const watched = watch("{ name: calls, per: [account], quota: 10, window: 1m, plans: { pro: { quota: 20 } } }");
    for (let i = 0; i < 15; i++) watched.request("acme", { plan: "pro" });
    expect(watched.told()).toEqual([]);
    watched.request("acme", { plan: "pro" });
    expect(watched.told()).toEqual(["approaching acme calls"]);
    for (let i = 0; i < 50; i++) watched.request("big", override({ kind: "unlimited" }));
    expect(watched.told()).toEqual([]);
    watched.request("small", override({ kind: "quota", quota: 1 }));
    expect(watched.told()).toEqual(["approaching small calls"]);
  });

  test("is told of both ways at once where it was over the quota when it was first seen", () => {
    const watched = watch("{ name: calls, per: [account], quota: 10, window: 1m }");
    for (let i = 0; i < 10; i++) watched.request();
    const restarted: LimitNotice[] = [];
    new LimitWatch((notice) => restarted.push(notice)).note(watched.request(), "acme");
    expect(restarted.map(({ type }) => type)).toEqual(["limit.approaching", "limit.exceeded"]);
  });
});

describe("told apart are", () => {
  test("limits, though they count by the same", () => {
    const watched = watch(
      "{ name: brief, per: [account], quota: 1, window: 1s }, { name: long, per: [account], quota: 2, window: 1h }",
    );
    watched.request();
    watched.now += 1000;
    watched.request();
    expect(watched.told()).toEqual(["approaching acme brief", "approaching acme brief", "approaching acme long"]);
    watched.request();
    expect(watched.told()).toEqual(["exceeded acme brief", "exceeded acme long"]);
  });

  test("partitions of one account", () => {
    const watched = watch("{ name: each, per: [account, tenant], quota: 1, window: 1m }");
    for (const tenant of ["red", "red", "blue"]) watched.request("acme", { callers: { account: "acme", tenant } });
    expect(watched.told()).toEqual(["approaching acme each", "exceeded acme each", "approaching acme each"]);
  });

  test("accounts that share a counter", () => {
    const watched = watch("{ name: all, per: [], quota: 2, window: 1m }");
    for (const account of ["a", "b", "a", "b"]) watched.request(account);
    expect(watched.told()).toEqual(["approaching b all", "approaching a all", "exceeded a all", "exceeded b all"]);
  });
});

describe("nobody is told of", () => {
  test("strangers, who have no account", () => {
    const watched = watch("{ name: strangers, per: [ip], quota: 1, window: 1m }");
    for (let i = 0; i < 3; i++) watched.request(null);
    expect(watched.told()).toEqual([]);
  });

  test("limits that are only tried out", () => {
    const watched = watch("{ name: tried, per: [account], quota: 1, window: 1m, mode: shadow }");
    for (let i = 0; i < 3; i++) watched.request();
    expect(watched.told()).toEqual([]);
  });

  test("limits that another limit's refusal spares", () => {
    const watched = watch(
      "{ name: wide, per: [account], quota: 10, window: 1m }, { name: narrow, per: [account], quota: 1, window: 1m }",
    );
    for (let i = 0; i < 20; i++) watched.request();
    expect(watched.told()).toEqual(["approaching acme narrow", "exceeded acme narrow"]);
  });

  test("a cost that the quota never admits, which says nothing of what was used", () => {
    const watched = watch("{ name: traffic, per: [account], quota: 100, window: 1m, cost: bytes }");
    expect(watched.request("acme", {}, 101).decision.reason).toBe("too-costly");
    expect(watched.told()).toEqual([]);
    watched.request("acme", {}, 50);
    watched.request("acme", {}, 51);
    expect(watched.told()).toEqual(["exceeded acme traffic"]);
  });
});

test("a bucket is nearly empty when 80 % of its burst is used, whatever its quota", () => {
  const watched = watch("{ name: bucket, per: [account], quota: 10, window: 1m, algorithm: token-bucket, burst: 100 }");
  for (let i = 0; i < 79; i++) watched.request();
  expect(watched.told()).toEqual([]);
  watched.request();
  expect(watched.notices).toMatchObject([{ quota: 10, used: 80, remaining: 20, resetAt: NOON + 480_000 }]);
});

test("requests in flight are spoken of once a minute at most", () => {
  const watched = watch("{ name: places, per: [account], quota: 2, algorithm: concurrency, hold: 1s }");
  for (let second = 0; second < 60; second++) {
    watched.now = NOON + second * 1000;
    for (let i = 0; i < 3; i++) watched.request();
  }
  expect(watched.told()).toEqual(["approaching acme places", "exceeded acme places"]);
  watched.now = NOON + 60_000;
  for (let i = 0; i < 3; i++) watched.request();
  expect(watched.told()).toEqual(["approaching acme places", "exceeded acme places"]);
});

test.each(["fixed-window", "sliding-window", "token-bucket"])(
  "whenever a %s is nearly or wholly used, that has been told once and is not reset yet",
  (algorithm) => {
    const policy = policyOf(
      `{ name: l, per: [account], quota: 10, window: 10s, algorithm: ${algorithm}, cost: bytes }`,
    );
    const steps = fc.array(fc.record({ waitMs: fc.nat(4000), bytes: fc.integer({ min: 1, max: 6 }) }));
    fc.assert(
      fc.property(steps, (requests) => {
        const watched = new Watched(policy);
        const inForce = (type: LimitNotice["type"]): LimitNotice[] =>
          watched.notices.filter((notice) => notice.type === type && notice.resetAt > watched.now);
        for (const { waitMs, bytes } of requests) {
          watched.now += waitMs;
          const [verdict] = watched.request("acme", {}, bytes).decision.verdicts;
          const isNear = (verdict?.used ?? 0) >= 8;
          expect(inForce("limit.approaching").length).toBeLessThanOrEqual(1);
          expect(inForce("limit.exceeded").length).toBeLessThanOrEqual(1);
          if (isNear) expect(inForce("limit.approaching")).toHaveLength(1);
          if (verdict?.admitted === false) expect(inForce("limit.exceeded")).toHaveLength(1);
        }
        const told = watched.notices.every(({ type, used }) => type === "limit.exceeded" || used >= 8);
        expect(told).toBe(true);
      }),
    );
  },
);

describe("a gateway whose notices somebody wants", () => {
  const policy = `
callers: { api-key: { bearer: true } }
credentials: managed
limits:
  - { name: calls, match: { authenticated: true }, per: [api-key], quota: 5, window: 1m }
  - { name: strangers, match: { authenticated: false }, per: [ip], quota: 1, window: 1m }`;

  test("gives them for accounts alone, and once though the policy is read again", async () => {
    const notices: LimitNotice[] = [];
    const rig = await startManagedRig({ policy, onLimit: (notice) => notices.push(notice) });
    const { account, secret } = await issueKey(rig.control);
    const call = async (): Promise<number> => (await fetch(rig.url, bearer(secret))).status;

    for (let i = 0; i < 2; i++) await fetch(rig.url);
    for (let i = 0; i < 4; i++) expect(await call()).toBe(200);
    const base = { accountId: account.id, limit: "calls", quota: 5, resetAt: rig.time.now + 60_000, now: rig.time.now };
    const approaching = { ...base, type: "limit.approaching", used: 4, remaining: 1 };
    expect(notices).toEqual([approaching]);

    rig.gateway.reload(rig.policy(policy));
    expect(await call()).toBe(200);
    for (let i = 0; i < 2; i++) expect(await call()).toBe(429);
    expect(notices).toEqual([approaching, { ...base, type: "limit.exceeded", used: 5, remaining: 0 }]);
  });

  test("gives those of a widget token to its account", async () => {
    const notices: LimitNotice[] = [];
    const rig = await startManagedRig({ policy, onLimit: (notice) => notices.push(notice) });
    const { account, key } = await issueKey(rig.control);
    const { secret } = await issueToken(rig.control, key.id, "widget");
    for (let i = 0; i < 6; i++) await fetch(rig.url, bearer(secret));
    expect(notices.map(({ type, accountId }) => [type, accountId])).toEqual([
      ["limit.approaching", account.id],
      ["limit.exceeded", account.id],
    ]);
  });
});

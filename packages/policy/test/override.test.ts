import { MemoryStore, type Verdict } from "@headgate/core";
import { Engine, type Facts, loadPolicy, type Overrides, type QuotaOverride, type Ruling } from "@headgate/policy";
import { describe, expect, test } from "vitest";

const NOW = Date.UTC(2026, 0, 1, 12);
const LIMITS = `
  - { name: calls, per: [api-key], quota: 10, window: 1m, plans: { pro: { quota: 100 } } }
  - { name: address, per: [ip], quota: 1000, window: 1m }`;

function engineOf(limits: string = LIMITS): Engine {
  const text = `headgate: 1\nupstream: http://127.0.0.1:1\ncallers: { api-key: { bearer: true } }\nlimits:${limits}`;
  const { policy, problems } = loadPolicy(text);
  if (!policy) throw new Error(JSON.stringify(problems));
  return new Engine(policy, new MemoryStore({ maxPartitions: 100 }));
}

const overrides = (change: QuotaOverride, until: number = Number.POSITIVE_INFINITY): Overrides => ({
  of: (limit, now) => (limit === "calls" && now < until ? change : undefined),
});

function decide(engine: Engine, change: Partial<Facts>, now: number = NOW): readonly Verdict[] {
  const callers = { ip: "192.0.2.1", "api-key": "a" };
  const facts: Facts = { method: "GET", path: "/", headers: {}, callers, authenticated: true, ...change };
  return (engine.decide(engine.match(facts, now), undefined, now) as Ruling).decision.verdicts;
}

describe("an override", () => {
  test("takes effect on the next request, and what was used stays used", () => {
    const engine = engineOf();
    for (let i = 0; i < 4; i++) decide(engine, {});
    const [verdict] = decide(engine, { overrides: overrides({ kind: "quota", quota: 50 }) });
    expect(verdict).toMatchObject({ limit: { name: "calls", quota: 50 }, used: 5, remaining: 45 });
  });

  test("that is a factor multiplies what the plan gives", () => {
    const verdicts = decide(engineOf(), { plan: "pro", overrides: overrides({ kind: "factor", factor: 1.5 }) });
    expect(verdicts[0]?.limit.quota).toBe(150);
  });

  test("that is a number comes before the plan's", () => {
    const verdicts = decide(engineOf(), { plan: "pro", overrides: overrides({ kind: "quota", quota: 50 }) });
    expect(verdicts[0]?.limit.quota).toBe(50);
  });

  test("that is unlimited lifts its limit, and no other", () => {
    const verdicts = decide(engineOf(), { overrides: overrides({ kind: "unlimited" }) });
    expect(verdicts.map(({ limit }) => limit.name)).toEqual(["address"]);
  });

  test("holds until it expires", () => {
    const engine = engineOf();
    const until = overrides({ kind: "quota", quota: 50 }, NOW + 1);
    expect(decide(engine, { overrides: until })[0]?.limit.quota).toBe(50);
    expect(decide(engine, { overrides: until }, NOW + 1)[0]?.limit.quota).toBe(10);
  });
});

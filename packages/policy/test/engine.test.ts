import { MemoryStore } from "@headgate/core";
import { Engine, type Facts, loadPolicy, type MeasuredBody, type Outcome, type Ruling } from "@headgate/policy";
import { describe, expect, test } from "vitest";

const NOW = Date.UTC(2026, 0, 1, 12);

/** An engine for a policy with these limits, and a store of its own. */
function engineOf(limits: string, more = ""): Engine {
  const text = `headgate: 1\nupstream: http://127.0.0.1:1\ncallers: { api-key: { bearer: true } }\n${more}\nlimits:\n${limits}`;
  const { policy, problems } = loadPolicy(text, { file: "test.yaml" });
  if (!policy) throw new Error(JSON.stringify(problems, null, 2));
  return new Engine(policy, new MemoryStore({ maxPartitions: 1000 }));
}

function facts(change: Partial<Facts> = {}): Facts {
  const callers = { ip: "192.0.2.1", "api-key": "key" };
  return { method: "GET", path: "/v1/events", headers: {}, callers, authenticated: true, ...change };
}

function decide(engine: Engine, change: Partial<Facts> = {}, body?: MeasuredBody, now: number = NOW): Ruling {
  return engine.decide(engine.match(facts(change), now), body, now) as Ruling;
}

function settle(engine: Engine, ruling: Ruling, change: Partial<Outcome> = {}, now: number = NOW): Ruling {
  const outcome: Outcome = {
    status: 200,
    header: () => undefined,
    authenticated: ruling.match.facts.authenticated,
    ...change,
  };
  return engine.settle(ruling, outcome, now) as Ruling;
}

/** What is left of each limit that applies, by name. */
function remaining(engine: Engine, change: Partial<Facts> = {}, now: number = NOW): Record<string, number> {
  const decision = engine.peek(engine.match(facts(change), now), now) as Ruling["decision"];
  return Object.fromEntries(decision.verdicts.map((verdict) => [verdict.limit.name, verdict.remaining]));
}

describe("deciding", () => {
  test("a limit whose `per` names a caller that the request lacks does not apply", () => {
    const engine = engineOf("  - { name: key, per: [api-key], quota: 1, window: 1m }");
    const ruling = decide(engine, { callers: { ip: "192.0.2.1" } });
    expect(ruling.decision).toMatchObject({ allowed: true, binding: undefined, verdicts: [] });
  });

  test("if one limit refuses, none is charged", () => {
    const engine = engineOf(
      "  - { name: wide, per: [ip], quota: 10, window: 1m }\n  - { name: narrow, per: [ip], quota: 1, window: 1m }",
    );
    decide(engine);
    expect(decide(engine).decision).toMatchObject({ allowed: false, binding: { limit: { name: "narrow" } } });
    expect(remaining(engine)).toEqual({ wide: 9, narrow: 0 });
  });

  test("a plan has another quota on the same counter", () => {
    const engine = engineOf("  - { name: key, per: [api-key], quota: 2, window: 1m, plans: { pro: { quota: 5 } } }");
    decide(engine);
    decide(engine);
    expect(decide(engine).decision.allowed).toBe(false);
    expect(decide(engine, { plan: "pro" }).decision).toMatchObject({ allowed: true, binding: { remaining: 2 } });
  });

  test("the smallest body cap that matches applies", () => {
    const engine = engineOf(
      `  - { name: large, max-body: 1MB }
  - { name: small, match: { path: "/v1/**" }, max-body: 1KB }
  - { name: elsewhere, match: { path: "/v2/**" }, max-body: 1B }`,
    );
    expect(engine.match(facts(), NOW).bodyCap).toMatchObject({ name: "small", maxBytes: 1024 });
  });
});

describe("costs", () => {
  test("bytes cost the length of the body, and need to know it", () => {
    const engine = engineOf("  - { name: bytes, per: [ip], quota: 1000, window: 1m, cost: bytes }");
    expect(engine.match(facts(), NOW).bodyNeed).toBe("length");
    expect(decide(engine, {}, { bytes: 300 }).decision.binding?.remaining).toBe(700);
  });

  test("items cost the length of the array that the pointer leads to, and need to read it", () => {
    const engine = engineOf('  - { name: items, per: [ip], quota: 100, window: 1m, cost: { items: "/a~1b/0" } }');
    expect(engine.match(facts(), NOW).bodyNeed).toBe("content");
    const text = JSON.stringify({ "a/b": [["x", "y", "z"]] });
    expect(decide(engine, {}, { bytes: text.length, text }).decision.binding?.remaining).toBe(97);
  });

  test.each(["not json", "{}", '{"a/b":[{}]}', '{"a/b":[[]]}', "null"])(
    "a body without that array costs one: %s",
    (text) => {
      const engine = engineOf('  - { name: items, per: [ip], quota: 100, window: 1m, cost: { items: "/a~1b/0" } }');
      expect(decide(engine, {}, { bytes: text.length, text }).decision.binding?.remaining).toBe(99);
    },
  );

  // Readers that take no notice of the mark, as most do, would have had 500 items for the price of one.
  test("items are counted behind a byte order mark", () => {
    const engine = engineOf("  - { name: items, per: [ip], quota: 100, window: 1m, cost: { items: /events } }");
    const text = '\uFEFF{"events":[1,2,3]}';
    expect(decide(engine, {}, { bytes: text.length, text }).decision.binding?.remaining).toBe(97);
  });

  test("a cost above the quota can never be admitted", () => {
    const engine = engineOf("  - { name: bytes, per: [ip], quota: 1000, window: 1m, cost: bytes }");
    expect(decide(engine, {}, { bytes: 1001 }).decision).toMatchObject({ allowed: false, reason: "too-costly" });
  });

  test("a cost that the answer tells is charged then, all of it", () => {
    const engine = engineOf(
      "  - { name: points, per: [ip], quota: 100, window: 1m, cost: { response-header: x-cost } }",
    );
    const ruling = decide(engine);
    expect(ruling.decision.binding?.remaining).toBe(99);
    const header = (name: string): string | undefined => (name === "x-cost" ? "30" : undefined);
    expect(settle(engine, ruling, { header }).decision.binding?.remaining).toBe(70);
  });
});

describe("settling", () => {
  test("nothing to put right gives the same ruling back", () => {
    const engine = engineOf("  - { name: key, per: [api-key], quota: 2, window: 1m }");
    const ruling = decide(engine);
    expect(settle(engine, ruling)).toBe(ruling);
  });

  test("refund gives the charge back for the statuses it names", () => {
    const engine = engineOf("  - { name: key, per: [api-key], quota: 10, window: 1m, refund: { status: [304, 5xx] } }");
    expect(settle(engine, decide(engine), { status: 304 }).decision.binding?.remaining).toBe(10);
    expect(settle(engine, decide(engine), { status: 502 }).decision.binding?.remaining).toBe(10);
    expect(settle(engine, decide(engine), { status: 200 }).decision.binding?.remaining).toBe(9);
  });

  test("a refund that comes after the window does not land in the next one", () => {
    const engine = engineOf("  - { name: key, per: [api-key], quota: 10, window: 1m, refund: { status: [304] } }");
    const ruling = decide(engine);
    const later = NOW + 60_000;
    decide(engine, {}, undefined, later);
    settle(engine, ruling, { status: 304 }, later);
    expect(remaining(engine, {}, later)).toEqual({ key: 9 });
  });

  test("charge counts only the statuses it names, and cannot be walked through by many at once", () => {
    const engine = engineOf("  - { name: failures, per: [ip], quota: 3, window: 1m, charge: { status: [401] } }");
    for (let i = 0; i < 10; i++) settle(engine, decide(engine), { status: 200 });
    expect(remaining(engine)).toEqual({ failures: 3 });
    const atOnce = Array.from({ length: 5 }, () => decide(engine));
    expect(atOnce.filter(({ decision }) => decision.allowed)).toHaveLength(3);
    for (const ruling of atOnce) if (ruling.decision.allowed) settle(engine, ruling, { status: 401 });
    expect(decide(engine).decision.allowed).toBe(false);
  });

  const byCredential = `
  - { name: strangers, match: { authenticated: false }, per: [ip], quota: 5, window: 1m }
  - { name: members, match: { authenticated: true }, per: [api-key], quota: 100, window: 1m }`;

  test("a credential that turns out valid moves the charge to the limits of authenticated callers", () => {
    const engine = engineOf(byCredential, "credentials: upstream");
    const ruling = settle(engine, decide(engine, { authenticated: false }), { authenticated: true });
    expect(ruling.decision.binding).toMatchObject({ limit: { name: "members" }, remaining: 99 });
    expect(remaining(engine, { authenticated: false })).toEqual({ strangers: 5 });
  });

  test("a credential that turns out invalid moves it the other way", () => {
    const engine = engineOf(byCredential, "credentials: upstream");
    const ruling = settle(engine, decide(engine), { status: 401, authenticated: false });
    expect(ruling.decision.binding).toMatchObject({ limit: { name: "strangers" }, remaining: 4 });
    expect(remaining(engine)).toEqual({ members: 100 });
  });
});

describe("places in flight", () => {
  const inFlight = "  - { name: in-flight, per: [ip], quota: 2, algorithm: concurrency, hold: 10s }";

  test("are freed by release, once", () => {
    const engine = engineOf(inFlight);
    const first = decide(engine);
    decide(engine);
    expect(decide(engine).decision.allowed).toBe(false);
    engine.release(first, NOW);
    engine.release(first, NOW);
    expect(decide(engine).decision.allowed).toBe(true);
    expect(decide(engine).decision.allowed).toBe(false);
  });

  test("are freed after the hold when nobody releases them", () => {
    const engine = engineOf(inFlight);
    decide(engine);
    decide(engine);
    expect(decide(engine, {}, undefined, NOW + 9_999).decision.allowed).toBe(false);
    expect(decide(engine, {}, undefined, NOW + 10_000).decision.allowed).toBe(true);
  });
});

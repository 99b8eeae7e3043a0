import { type Decision, HeadgateError, MemoryStore, type Store, type SyncStore } from "@headgate/core";
import {
  Engine,
  type Facts,
  loadPolicy,
  type MeasuredBody,
  type Outcome,
  type Policy,
  type Ruling,
  renderRefusal,
  WithoutStore,
  type WithoutStoreOptions,
} from "@headgate/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const NOW = Date.UTC(2026, 0, 1, 12);
const GONE = new HeadgateError("HG_STORE_AWAY", "the store is away");

interface Rig {
  readonly policy: Policy;
  readonly engine: Engine;
  readonly withoutStore: WithoutStore;
  readonly store: { failure: "none" | "throws" | "rejects"; readonly memory: SyncStore };
  readonly log: string[];
}

/** An engine whose store can fail in either way. It fails from the start. */
function rigOf(limits: string, { more = "", ...options }: WithoutStoreOptions & { more?: string } = {}): Rig {
  const text = `headgate: 1\nupstream: http://127.0.0.1:1\ncallers: { api-key: { bearer: true } }\n${more}\nlimits:\n${limits}`;
  const { policy, problems } = loadPolicy(text);
  if (!policy) throw new Error(JSON.stringify(problems, null, 2));
  const memory = new MemoryStore({ maxPartitions: 1000 });
  const store: Rig["store"] = { failure: "rejects", memory };
  const log: string[] = [];
  const warn = (event: string, fields: object): void => void log.push(`${event} ${JSON.stringify(fields)}`);
  const withoutStore = new WithoutStore({ ...options, log: { warn } });
  return { policy, engine: new Engine(policy, failing(store), withoutStore), withoutStore, store, log };
}

function failing(state: Rig["store"]): Store {
  const ask = <Answer>(answer: () => Answer): Answer | Promise<Answer> => {
    if (state.failure === "throws") throw GONE;
    return state.failure === "rejects" ? Promise.reject(GONE) : answer();
  };
  const { memory } = state;
  return {
    consume: (claims, now) => ask(() => memory.consume(claims, now)),
    peek: (claims, now) => ask(() => memory.peek(claims, now)),
    charge: (claims, now) => ask(() => memory.charge(claims, now)),
    refund: (charges, now) => ask(() => memory.refund(charges, now)),
    reset: (claims) => ask(() => memory.reset(claims)),
  };
}

function facts(change: Partial<Facts> = {}): Facts {
  const callers = { ip: "192.0.2.1", "api-key": "key" };
  return { method: "GET", path: "/", headers: {}, callers, authenticated: true, ...change };
}

async function decide({ engine }: Rig, change: Partial<Facts> = {}, body?: MeasuredBody, now = NOW): Promise<Ruling> {
  return await engine.decide(engine.match(facts(change), now), body, now);
}

async function settle({ engine }: Rig, ruling: Ruling, change: Partial<Outcome> = {}): Promise<Ruling> {
  return await engine.settle(ruling, { status: 200, header: () => undefined, authenticated: true, ...change }, NOW);
}

/** What is left of each limit that anything is known of, by name. */
const remaining = ({ verdicts }: Decision): Record<string, number> =>
  Object.fromEntries(verdicts.map(({ limit, remaining: left }) => [limit.name, left]));

const ALLOW = "  - { name: open, per: ip, quota: 1, window: 1m, on-store-error: allow }\n";
const DENY = "  - { name: closed, per: ip, quota: 9, window: 1m, on-store-error: deny }\n";
const LOCAL = "  - { name: near, per: ip, quota: 10, window: 1m, on-store-error: local }\n";

describe.each(["throws", "rejects"] as const)("with a store that %s", (failure) => {
  const failingRig = (...args: Parameters<typeof rigOf>): Rig => {
    const rig = rigOf(...args);
    rig.store.failure = failure;
    return rig;
  };

  test("a limit that allows admits everything, and nothing is known of its numbers", async () => {
    const rig = failingRig(ALLOW);
    for (let i = 0; i < 3; i++) {
      const { decision } = await decide(rig);
      expect(decision).toEqual({ allowed: true, reason: "store-error", binding: undefined, verdicts: [] });
    }
    expect(rig.withoutStore.counts).toEqual({ allow: 3, deny: 0, local: 0, unsettled: 0 });
  });

  test("a limit that denies refuses with 503, for its own name alone, whatever the policy writes of refusals", async () => {
    const rig = failingRig(ALLOW + DENY + LOCAL, { more: "responses: { limited: { status: 418, body: teapot } }" });
    const { decision } = await decide(rig);
    expect(decision).toMatchObject({ allowed: false, reason: "store-error", binding: undefined, verdicts: [] });
    const { status, headers, body } = renderRefusal(rig.policy, "limited", { decision, now: NOW });
    expect(status).toBe(503);
    expect(headers).toEqual([
      ["Content-Type", "application/problem+json"],
      ["Retry-After", "2"],
    ]);
    expect(JSON.parse(body)).toMatchObject({
      type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
      status: 503,
      "violated-policies": ["closed"],
    });
    expect(rig.withoutStore.counts).toMatchObject({ deny: 1 });
  });

  test("a refusal by a limit that denies leaves local counters as they were", async () => {
    const rig = failingRig(DENY.replace("per: ip", "match: { methods: PUT }, per: ip") + LOCAL);
    await decide(rig, { method: "PUT" });
    expect(remaining((await decide(rig)).decision)).toEqual({ near: 9 });
  });

  test("a limit that counts locally refuses as usual when this process's share is used up", async () => {
    const rig = failingRig(LOCAL, { instances: () => 4 });
    expect(remaining((await decide(rig)).decision)).toEqual({ near: 1 });
    expect((await decide(rig)).decision).toMatchObject({ allowed: true, binding: { limit: { quota: 2 } } });
    const { decision } = await decide(rig, {}, undefined, NOW + 15_000);
    expect(decision).toMatchObject({ allowed: false, reason: "store-error" });
    const { status, headers } = renderRefusal(rig.policy, "limited", { decision, now: NOW });
    expect([status, headers[1]]).toEqual([429, ["Retry-After", "45"]]);
    expect((await decide(rig, {}, undefined, NOW + 60_000)).decision.allowed).toBe(true);
  });

  test("local limits are asked together: if one refuses, none is charged", async () => {
    const rig = failingRig(`${LOCAL}${LOCAL.replace("near", "narrow").replace("10", "1")}`);
    await decide(rig);
    const { decision } = await decide(rig);
    expect(decision.allowed).toBe(false);
    expect(remaining(decision)).toEqual({ near: 9, narrow: 0 });
  });

  test("a cost above this process's share has to wait for the store, and is not too much for ever", async () => {
    const rig = failingRig(LOCAL.replace("on-store", "cost: bytes, on-store"), { instances: () => 4 });
    const { decision } = await decide(rig, {}, { bytes: 5 });
    const { status, body } = renderRefusal(rig.policy, "limited", { decision, now: NOW });
    expect([status, JSON.parse(body)["violated-policies"]]).toEqual([503, ["near"]]);
    expect((await decide(rig, {}, { bytes: 2 })).decision.allowed).toBe(true);
    const { decision: tooCostly } = await decide(rig, {}, { bytes: 11 });
    expect(renderRefusal(rig.policy, "limited", { decision: tooCostly, now: NOW }).status).toBe(413);
  });

  test("shadow limits say nothing, whatever they would have done", async () => {
    const shadow = (limit: string): string => limit.replace("on-store", "mode: shadow, on-store");
    const rig = failingRig(shadow(DENY) + shadow(LOCAL.replace("10", "1")));
    await decide(rig);
    expect((await decide(rig)).decision).toMatchObject({ allowed: true, verdicts: [] });
  });

  test("looking before deciding says the same, and counts nothing", async () => {
    const rig = failingRig(LOCAL.replace("10", "1"));
    const peek = async (): Promise<Decision> => rig.engine.peek(rig.engine.match(facts(), NOW), NOW);
    expect(await peek()).toMatchObject({ allowed: true, reason: "store-error" });
    await decide(rig);
    expect(await peek()).toMatchObject({ allowed: false, reason: "store-error" });
    expect(rig.withoutStore.counts).toMatchObject({ local: 1 });
  });

  test("what was charged before the store failed stays charged, and the answer goes out all the same", async () => {
    const rig = failingRig("  - { name: key, per: api-key, quota: 10, window: 1m, refund: { status: 5xx } }");
    rig.store.failure = "none";
    const ruling = await decide(rig);
    rig.store.failure = failure;
    expect(await settle(rig, ruling, { status: 500 })).toBe(ruling);
    rig.store.failure = "none";
    expect((await decide(rig)).decision.binding?.remaining).toBe(8);
    expect(rig.withoutStore.counts).toMatchObject({ unsettled: 1 });
  });

  test("places that cannot be given back are free when their hold is over", async () => {
    const rig = failingRig("  - { name: flight, per: ip, quota: 1, algorithm: concurrency, hold: 10s }");
    rig.store.failure = "none";
    const ruling = await decide(rig);
    rig.store.failure = failure;
    rig.engine.release(ruling, NOW);
    await null;
    rig.store.failure = "none";
    expect((await decide(rig, {}, undefined, NOW + 9_999)).decision.allowed).toBe(false);
    expect((await decide(rig, {}, undefined, NOW + 10_000)).decision.allowed).toBe(true);
  });
});

describe("what was counted locally", () => {
  test("is given back locally, though the store is there again", async () => {
    const rig = rigOf(LOCAL.replace("on-store", "refund: { status: 5xx }, on-store") + ALLOW);
    const ruling = await decide(rig);
    rig.store.failure = "none";
    const { decision } = await settle(rig, ruling, { status: 503 });
    expect(decision).toMatchObject({ allowed: true, reason: "store-error" });
    expect(remaining(decision)).toEqual({ near: 10 });
    expect(remaining((await decide(rig)).decision)).toEqual({ near: 9, open: 0 });
  });

  test("is charged what the answer tells", async () => {
    const rig = rigOf(LOCAL.replace("on-store", "cost: { response-header: x-cost }, on-store"));
    const { decision } = await settle(rig, await decide(rig), { header: () => "4" });
    expect(remaining(decision)).toEqual({ near: 6 });
  });

  test("keeps its places until they are released", async () => {
    const rig = rigOf("  - { name: flight, per: ip, quota: 1, algorithm: concurrency, on-store-error: local }");
    const ruling = await decide(rig);
    expect((await decide(rig)).decision.allowed).toBe(false);
    rig.engine.release(ruling, NOW);
    expect((await decide(rig)).decision.allowed).toBe(true);
  });

  test("moves nowhere when a credential turns out to be other than assumed", async () => {
    const strangers = LOCAL.replace("per:", "match: { authenticated: false }, per:");
    const members = LOCAL.replace("near", "members").replace("per:", "match: { authenticated: true }, per:");
    const rig = rigOf(strangers + members, { more: "credentials: upstream" });
    const ruling = await decide(rig, { authenticated: false });
    expect(await settle(rig, ruling, { authenticated: true })).toBe(ruling);
  });
});

test("an answer has nothing to settle of limits that could not be asked", async () => {
  const rig = rigOf("  - { name: key, per: api-key, quota: 10, window: 1m, refund: { status: 5xx } }");
  const ruling = await decide(rig);
  expect(await settle(rig, ruling, { status: 500 })).toBe(ruling);
  expect(rig.withoutStore.counts).toEqual({ allow: 1, deny: 0, local: 0, unsettled: 0 });
});

test("processes that share a quota admit no more than it together, or one each", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 9 }), async (quota, instances) => {
      let admitted = 0;
      for (let process = 0; process < instances; process++) {
        const rig = rigOf(LOCAL.replace("10", String(quota)), { instances: () => instances });
        for (let i = 0; i < quota; i++) if ((await decide(rig)).decision.allowed) admitted += 1;
      }
      expect(admitted).toBe(Math.max(instances, Math.floor(quota / instances) * instances));
    }),
    { numRuns: 40 },
  );
});

test("the log hears of it at once, and then once a minute how often it was", async () => {
  const rig = rigOf(DENY);
  for (let second = 0; second <= 60; second++) await decide(rig, {}, undefined, NOW + second * 1000);
  expect(rig.log).toEqual([
    'store-errors {"allow":0,"deny":1,"local":0,"unsettled":0,"reason":"HG_STORE_AWAY the store is away"}',
    'store-errors {"allow":0,"deny":60,"local":0,"unsettled":0,"reason":"HG_STORE_AWAY the store is away"}',
  ]);
});

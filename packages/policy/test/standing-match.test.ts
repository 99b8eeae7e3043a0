import { MemoryStore, type Store } from "@headgate/core";
import { Engine, type Facts, loadPolicy, type Ruling } from "@headgate/policy";
import { describe, expect, test } from "vitest";

const NOW = Date.UTC(2030, 0, 1);

function engineOf(limit: string, more = "", store: Store = new MemoryStore({ maxPartitions: 100 })): Engine {
  const { policy, problems } = loadPolicy(`headgate: 1\n${more}\nlimits: [{ name: each, per: ip, ${limit} }]`);
  if (!policy) throw new Error(JSON.stringify(problems));
  return new Engine(policy, store);
}

function factsOf(ip: string): Facts {
  return { method: "GET", path: "/", headers: {}, callers: { ip }, authenticated: false };
}

describe("a standing match", () => {
  test("decides for each caller what the engine decides, by the same counters", () => {
    const engine = engineOf("quota: 2, window: 1m");
    const one = engine.match(factsOf("192.0.2.1"), NOW);
    const other = engine.match(factsOf("192.0.2.2"), NOW);
    const standing = engine.standing(one);
    const places = new Int32Array(2 * (standing?.words ?? 0));
    standing?.locate(one.facts, places, 0);
    standing?.locate(other.facts, places, standing.words);
    expect(standing?.decide(places, 0, NOW)).toMatchObject({ allowed: true, binding: { remaining: 1 } });
    expect((engine.decide(one, undefined, NOW) as Ruling).decision).toMatchObject({ binding: { remaining: 0 } });
    expect(standing?.decide(places, 0, NOW)).toMatchObject({ allowed: false, reason: "limited" });
    expect(standing?.decide(places, standing.words, NOW)).toMatchObject({ allowed: true, binding: { remaining: 1 } });
  });

  test.each([
    ["a body", "quota: 9, window: 1m, cost: bytes"],
    ["an answer", "quota: 9, window: 1m, refund: { status: 304 }"],
    ["the end of the answer", "quota: 9, algorithm: concurrency"],
  ])("is none where deciding takes %s", (_, limit) => {
    const engine = engineOf(limit);
    expect(engine.standing(engine.match(factsOf("192.0.2.1"), NOW))).toBeUndefined();
  });

  test("is none where the upstream says which credentials are good, or the store has none", () => {
    const judged = engineOf("quota: 9, window: 1m", "credentials: upstream\ncallers: { api-key: { bearer: true } }");
    expect(judged.standing(judged.match(factsOf("192.0.2.1"), NOW))).toBeUndefined();
    const store = new MemoryStore({ maxPartitions: 100 });
    const without: Store = {
      consume: (claims, now) => store.consume(claims, now),
      peek: (claims, now) => store.peek(claims, now),
      charge: (claims, now) => store.charge(claims, now),
      refund: (charges, now) => store.refund(charges, now),
      reset: (claims) => store.reset(claims),
    };
    const shared = engineOf("quota: 9, window: 1m", "", without);
    expect(shared.standing(shared.match(factsOf("192.0.2.1"), NOW))).toBeUndefined();
  });
});

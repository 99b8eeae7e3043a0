import { HeadgateError, MemoryStore, type Store } from "@headgate/core";
import type { LimitNotice } from "@headgate/gateway";
import { describe, expect, test } from "vitest";
import { bearer, issueKey } from "./issue.ts";
import { type Rig, startManagedRig, startRig } from "./rig.ts";

/** A store that fails while it is told to: by a rejection, as one across a network does. */
function unsteadyStore(state: { isFailing: boolean } = { isFailing: true }): Store {
  const memory = new MemoryStore({ maxPartitions: 1000 });
  const ask = async <Answer>(answer: () => Answer): Promise<Answer> => {
    if (state.isFailing) throw new HeadgateError("HG_STORE_AWAY", "the store is away");
    return answer();
  };
  return {
    consume: (claims, now) => ask(() => memory.consume(claims, now)),
    peek: (claims, now) => ask(() => memory.peek(claims, now)),
    charge: (claims, now) => ask(() => memory.charge(claims, now)),
    refund: (charges, now) => ask(() => memory.refund(charges, now)),
    reset: (claims) => ask(() => memory.reset(claims)),
  };
}

const limit = (mode: string, more = ""): string =>
  `{ name: ${mode}, per: [], quota: 2, window: 1m, on-store-error: ${mode}${more} }`;

/** The names of an answer's headers that speak of limits. */
function limitHeaders({ headers }: Response): string[] {
  return [...headers.keys()].filter((name) => /ratelimit|retry/.test(name));
}

async function statuses(rig: Rig, count: number, init?: RequestInit): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < count; i++) seen.push((await fetch(rig.url, init)).status);
  return seen;
}

describe("while the store cannot be asked", () => {
  test("a limit that allows admits, shows no numbers, and the log has a line for all of it", async () => {
    const rig = await startRig({ policy: `limits: [${limit("allow")}]`, store: unsteadyStore() });
    expect(limitHeaders(await fetch(rig.url))).toEqual([]);
    expect(await statuses(rig, 5)).toEqual(Array(5).fill(200));
    expect(rig.upstream.seen).toHaveLength(6);
    expect(rig.log).toEqual([
      expect.objectContaining({ level: "warn", event: "store-errors", reason: "HG_STORE_AWAY the store is away" }),
    ]);
  });

  test("a store that throws is no different", async () => {
    class Broken extends MemoryStore {
      override consume(): never {
        throw new Error("no memory");
      }
    }
    const rig = await startRig({ policy: `limits: [${limit("allow")}]`, store: new Broken({ maxPartitions: 10 }) });
    expect(await statuses(rig, 3)).toEqual([200, 200, 200]);
    expect(rig.log).toEqual([expect.objectContaining({ reason: expect.stringMatching(/^Error: no memory\n +at /) })]);
  });

  test("a limit that denies answers 503, and the upstream hears nothing of it", async () => {
    const policy = `limits: [${limit("deny")}, ${limit("local")}]\nresponses: { limited: { status: 420, body: calm } }`;
    const rig = await startRig({ policy, store: unsteadyStore() });
    const response = await fetch(rig.url);
    expect(response.status).toBe(503);
    expect(limitHeaders(response)).toEqual(["retry-after"]);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
      title: "Temporarily reduced capacity",
      status: 503,
      detail: "Requests like this cannot be counted at the moment. Try again in a few seconds.",
      "violated-policies": ["deny"],
    });
    expect(rig.upstream.seen).toHaveLength(0);
  });

  test("a limit that denies does so before it has read a body whose size it would count", async () => {
    const policy = `limits: [${limit("deny", ", cost: { items: /events }")}]`;
    const rig = await startRig({ policy, store: unsteadyStore(), limits: { maxBufferedBytesTotal: 0 } });
    expect((await fetch(rig.url, { method: "POST", body: '{"events":[1]}' })).status).toBe(503);
  });

  test("a limit that counts locally holds, and is the only one that is shown", async () => {
    const rig = await startRig({ policy: `limits: [${limit("allow")}, ${limit("local")}]`, store: unsteadyStore() });
    const admitted = await fetch(rig.url);
    expect(admitted.headers.get("ratelimit-policy")).toBe('"local";q=2;w=60');
    expect(admitted.headers.get("x-ratelimit-remaining")).toBe("1");
    expect(await statuses(rig, 2)).toEqual([200, 429]);
    rig.time.now += 20_000;
    const refused = await fetch(rig.url);
    expect(refused.headers.get("retry-after")).toBe("40");
    expect(await refused.json()).toMatchObject({ status: 429, "violated-policies": ["local"] });
    rig.time.now += 40_000;
    expect(await statuses(rig, 1)).toEqual([200]);
  });

  test("places in flight that were taken locally are free when the answer has ended", async () => {
    const policy = "limits: [{ name: flight, per: [], quota: 1, algorithm: concurrency, on-store-error: local }]";
    const hold = Promise.withResolvers<void>();
    const rig = await startRig({
      policy,
      store: unsteadyStore(),
      upstream: (_, response) => void hold.promise.then(() => response.end()),
    });
    const first = fetch(rig.url);
    await expect.poll(() => rig.upstream.seen.length).toBe(1);
    expect(await statuses(rig, 1)).toEqual([429]);
    hold.resolve();
    expect((await first).status).toBe(200);
    await expect.poll(() => statuses(rig, 1)).toEqual([200]);
  });

  test("answers of the gateway's own go out as usual", async () => {
    const policy = `limits: [${limit("deny")}, { name: cap, max-body: 1B }]`;
    const rig = await startRig({ policy, store: unsteadyStore() });
    expect((await fetch(rig.url, { method: "POST", body: "too long" })).status).toBe(413);
  });

  test("nobody is suspended, no limit is told of, and no shadow is seen", async () => {
    const notices: LimitNotice[] = [];
    const rig = await startManagedRig({
      policy: `
callers: { api-key: { bearer: true } }
credentials: managed
suspend: [{ per: account, after: 1 denials, within: 10m, for: 1h }]
limits: [${limit("local")}, ${limit("allow", ", mode: shadow")}]`,
      store: unsteadyStore(),
      onLimit: (notice) => notices.push(notice),
    });
    const { secret } = await issueKey(rig.control);
    expect(await statuses(rig, 5, bearer(secret))).toEqual([200, 200, 429, 429, 429]);
    expect((await rig.control.suspensions.list({ active: true })).items).toEqual([]);
    expect(notices).toEqual([]);
    expect(rig.log.map(({ event }) => event)).toEqual(["store-errors"]);
  });
});

test("a store that is back counts on from where it was", async () => {
  const state = { isFailing: false };
  const rig = await startRig({ policy: `limits: [${limit("allow")}]`, store: unsteadyStore(state) });
  expect(await statuses(rig, 1)).toEqual([200]);
  state.isFailing = true;
  expect(await statuses(rig, 3)).toEqual([200, 200, 200]);
  state.isFailing = false;
  expect(await statuses(rig, 2)).toEqual([200, 429]);
});

test("an answer whose charge cannot be put right goes out as it was decided", async () => {
  const state = { isFailing: false };
  const rig = await startRig({
    policy: `limits: [${limit("deny", ", refund: { status: [404] }")}]`,
    store: unsteadyStore(state),
    upstream(_, response) {
      state.isFailing = true;
      response.writeHead(404).end("nothing here");
    },
  });
  const response = await fetch(rig.url);
  expect([response.status, await response.text()]).toEqual([404, "nothing here"]);
  expect(response.headers.get("x-ratelimit-remaining")).toBe("1");
  expect(rig.log).toEqual([expect.objectContaining({ event: "store-errors", unsettled: 1 })]);
});

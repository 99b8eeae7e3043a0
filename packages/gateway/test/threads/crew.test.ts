import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { BuiltinApi } from "../../src/builtin-api.ts";
import { issueKey } from "../issue.ts";
import { type Answered, type CrewRig, startCrew } from "./crew-rig.ts";

// Starting threads takes long: the tests of this file share two of them, and keep to paths and callers of their own.

const POLICY = `
callers: { api-key: { bearer: true } }
tokens: { path: /v1/token }
suspend: [{ per: account, after: 30 denials, within: 10m, for: 1h }]
limits:
  - { name: shared, match: { path: /shared }, per: [], quota: 100, window: 1h }
  - { name: few, match: { path: /few }, per: [account], quota: 10, window: 1h }
  - { name: kept, match: { path: /kept }, per: [], quota: 50, window: 1h }
  - { name: late, match: { path: /late }, per: [], quota: 1000, window: 1h }
`;

/** Enough for both threads to get some, but in one run of a million. */
const MANY = 21;

const statuses = (answers: readonly Answered[]): number[] => answers.map(({ status }) => status).toSorted();
const times = (count: number, status: number): number[] => new Array<number>(count).fill(status);

let rig: CrewRig;
let polls = 0;
let onDrop: () => void = () => {};
const late: (() => void)[] = [];

/** The API in this thread. */
const answer: BuiltinApi["answer"] = ({ method, path, query, body, identity }) => {
  const headers = ["X-Own", "1"];
  if (path === "/whole") {
    const seen = { method, query, sent: body.toString(), keyId: identity?.keyId };
    return { status: 201, headers, body: JSON.stringify(seen) };
  }
  if (path === "/private") return Symbol("unauthenticated");
  if (path === "/broken") throw new Error("secret words");
  if (path === "/polled") {
    polls += 1;
    return { status: 304, headers, body: "", standing: rig.changes.standing("polled") };
  }
  if (path === "/parts") return { status: 200, headers, body: partsOf("a", Buffer.from("b"), "c") };
  if (path === "/endless") return { status: 200, headers, body: endless() };
  if (path !== "/late") return { status: 200, headers, body: "ok" };
  const { promise, resolve } = Promise.withResolvers<void>();
  late.push(resolve);
  return promise.then(() => ({ status: 200, headers, body: "late" }));
};

beforeAll(async () => {
  rig = await startCrew(POLICY, answer);
});
afterAll(() => rig.close());

describe("threads with a gate each", () => {
  test("hold callers to one quota together", async () => {
    expect(statuses(await rig.askAll(150, "/shared"))).toEqual([...times(100, 200), ...times(50, 429)]);
  });

  test("know of every change of the records from the moment that it is answered", async () => {
    for (let round = 0; round < 5; round++) {
      const { key, secret } = await issueKey(rig.control);
      expect(statuses(await rig.askAll(MANY, "/", { secret }))).toEqual(times(MANY, 200));
      await rig.control.keys.revoke(key.id, "test");
      expect(statuses(await rig.askAll(MANY, "/", { secret }))).toEqual(times(MANY, 401));
    }
  });

  test("give tokens that all of them know", async () => {
    const { secret } = await issueKey(rig.control);
    const { status, body } = await rig.ask("/v1/token", { method: "POST", secret });
    expect(status).toBe(200);
    const { access_token: token } = JSON.parse(body) as { access_token: string };
    expect(statuses(await rig.askAll(MANY, "/", { secret: token }))).toEqual(times(MANY, 200));
  });

  test("answer polls without asking, until what was answered has changed", async () => {
    const { secret } = await issueKey(rig.control);
    const poll = { secret, headers: { "if-none-match": '"known"' } };
    expect(statuses(await rig.askAll(MANY, "/polled", poll))).toEqual(times(MANY, 304));
    const before = polls;
    expect(statuses(await rig.askAll(MANY, "/polled", poll))).toEqual(times(MANY, 304));
    expect(polls).toBe(before);
    rig.changes.change("polled");
    expect(statuses(await rig.askAll(MANY, "/polled", poll))).toEqual(times(MANY, 304));
    expect(polls).toBeGreaterThan(before);
  });

  test("suspend together, and tell of a limit once", async () => {
    const { secret, account } = await issueKey(rig.control);
    await rig.askAll(60, "/few", { secret });
    const suspended = async (): Promise<number> => {
      const { items } = await rig.control.suspensions.list({ active: true });
      return items.length;
    };
    await expect.poll(suspended, { timeout: 10_000 }).toBe(1);
    expect(statuses(await rig.askAll(MANY, "/few", { secret }))).toEqual(times(MANY, 403));
    const told = rig.notices.filter(({ accountId }) => accountId === account.id).map(({ type }) => type);
    expect(told.toSorted()).toEqual(["limit.approaching", "limit.exceeded"]);
  });

  test("serve another policy once it has been reloaded, with the counts that were there", async () => {
    await rig.reload(POLICY.replace("quota: 100", "quota: 110"));
    expect(statuses(await rig.askAll(MANY, "/shared"))).toEqual([...times(10, 200), ...times(MANY - 10, 429)]);
  });

  test("do not share their port with somebody else without a word", async () => {
    const { crew, port } = rig;
    await expect(crew.listen({ port, host: "127.0.0.1" })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("an API in the main thread", () => {
  test("gets requests whole, with who is calling, and its answers go out as they are", async () => {
    const sent = "é".repeat(20_000);
    const { key, secret } = await issueKey(rig.control);
    const { status, headers, body } = await rig.ask("/whole?b=c", { method: "POST", secret, body: sent });
    expect(status).toBe(201);
    expect(headers["x-own"]).toBe("1");
    expect(JSON.parse(body)).toEqual({ method: "POST", query: "b=c", sent, keyId: key.id });
  });

  test("asks for a credential, and its failure is a 500 that says nothing of it", async () => {
    expect((await rig.ask("/private")).status).toBe(401);
    const broken = await rig.ask("/broken");
    expect(broken.status).toBe(500);
    expect(broken.body).not.toContain("secret words");
  });

  test("sends a body part by part, and hears when nobody wants the rest", async () => {
    expect((await rig.ask("/parts")).body).toBe("abc");
    const { dropped, client } = await readEndless();
    client.abort();
    await dropped;
  });
});

describe("threads that die", () => {
  test("are replaced by threads that know all there is on record; what was counted stays, and no stream goes on", async () => {
    const { secret } = await issueKey(rig.control);
    await rig.askAll(30, "/kept");
    const { dropped } = await readEndless();
    await Promise.all(rig.workers.slice(0, 2).map((worker) => worker.terminate()));
    await rig.ended(2);
    await dropped;
    expect(rig.deaths.toSorted()).toEqual([1, 2]);
    expect(statuses(await rig.askAll(40, "/kept"))).toEqual([...times(20, 200), ...times(20, 429)]);
    expect(statuses(await rig.askAll(MANY, "/", { secret }))).toEqual(times(MANY, 200));
  });

  test("are not replaced when the gate closes, which waits for requests in flight and what was decided", async () => {
    const answers = rig.askAll(MANY, "/late");
    await expect.poll(() => late.length, { timeout: 10_000 }).toBe(MANY);
    const drained = rig.crew.drain();
    for (const release of late) release();
    expect(statuses(await answers)).toEqual(times(MANY, 200));
    await drained;
    await expect(rig.ask()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(rig.workers).toHaveLength(4);
    expect(rig.decisions.of("late").admitted).toBe(MANY);
  });
});

test("where threads cannot share a port, one accepts for them, and they are replaced as others are", async () => {
  const limits = "limits: [{ name: all, per: [ip], quota: 30, window: 1h }]";
  const accepting = await startCrew(`callers: { api-key: { bearer: true } }\n${limits}`, answer, false);
  onTestFinished(() => accepting.close());
  expect(statuses(await accepting.askAll(50))).toEqual([...times(30, 200), ...times(20, 429)]);
  await Promise.all(accepting.workers.map((worker) => worker.terminate()));
  await accepting.ended(2);
  expect(statuses(await accepting.askAll(5))).toEqual(times(5, 429));
  await accepting.crew.drain();
  await expect(accepting.ask()).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

async function* partsOf(...parts: readonly (string | Buffer)[]): AsyncGenerator<string | Buffer> {
  yield* parts;
}

async function* endless(): AsyncGenerator<string> {
  try {
    for (;;) {
      yield "x".repeat(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    onDrop();
  }
}

/** Begins to read a body that has no end. */
async function readEndless(): Promise<{ dropped: Promise<void>; client: AbortController }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  onDrop = resolve;
  const client = new AbortController();
  const response = await fetch(`http://127.0.0.1:${rig.port}/endless`, { signal: client.signal });
  await response.body?.getReader().read();
  return { dropped: promise, client };
}

import type { Control, Suspension } from "@headgate/control";
import { HeadgateError, MemoryStore } from "@headgate/core";
import type { Records } from "@headgate/gateway";
import { describe, expect, test } from "vitest";
import { bearer, issueKey, issueToken } from "./issue.ts";
import { exchangeRaw, statusOf } from "./raw-connection.ts";
import { type Rig, startManagedRig, startRig } from "./rig.ts";

const MANAGED = `
callers: { api-key: { bearer: true } }
credentials: managed`;
const CALLS = "limits: [{ name: calls, per: [account], quota: 2, window: 1h }]";
const STRANGERS = "limits: [{ name: calls, per: [ip], quota: 2, window: 1h }]";

describe("a suspended caller", () => {
  test("gets the policy's 403 with what is left of it, and is charged nothing", async () => {
    const rig = await startManagedRig({
      policy: `${MANAGED}\n${CALLS}\nresponses: { suspended: { body: { error: "back in {retry_after} s" } } }`,
    });
    const { account, secret } = await issueKey(rig.control);
    await fetch(rig.url, bearer(secret));
    await suspend(rig, "account", account.id, 5_001);
    for (let i = 0; i < 5; i++) {
      const response = await fetch(rig.url, bearer(secret));
      expect(response.status).toBe(403);
      expect(response.headers.get("retry-after")).toBe("6");
      expect(response.headers.get("x-ratelimit-remaining")).toBe("1");
      expect(await response.json()).toEqual({ error: "back in 6 s" });
    }
    rig.time.now += 5_000;
    expect((await fetch(rig.url, bearer(secret))).headers.get("retry-after")).toBe("1");
    rig.time.now += 1;
    expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
    expect(rig.upstream.seen).toHaveLength(2);
  });

  test("of no known end is told none, until an operator lifts it", async () => {
    const rig = await startManagedRig({ policy: `${MANAGED}\n${CALLS}` });
    const { account, secret } = await issueKey(rig.control);
    const { id } = await suspend(rig, "account", account.id);
    const response = await fetch(rig.url, bearer(secret));
    expect(response.status).toBe(403);
    expect(response.headers.get("retry-after")).toBeNull();
    await rig.control.suspensions.lift(id, "test");
    expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
  });

  test("that is a key takes its tokens with it, and leaves the account's other keys alone", async () => {
    const rig = await startManagedRig({ policy: `${MANAGED}\n${CALLS}` });
    const { account, key, secret } = await issueKey(rig.control);
    const other = await issueKey(rig.control, { account });
    const token = await issueToken(rig.control, key.id);
    await suspend(rig, "api-key", key.id);
    expect((await fetch(rig.url, bearer(secret))).status).toBe(403);
    expect((await fetch(rig.url, bearer(token.secret))).status).toBe(403);
    expect((await fetch(rig.url, bearer(other.secret))).status).toBe(200);
  });

  test("that is a token leaves its key alone", async () => {
    const rig = await startManagedRig({ policy: `${MANAGED}\n${CALLS}` });
    const { key, secret } = await issueKey(rig.control);
    const token = await issueToken(rig.control, key.id);
    await suspend(rig, "token", token.token.id);
    expect((await fetch(rig.url, bearer(token.secret))).status).toBe(403);
    expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
  });

  test.each(["managed", "presented", "upstream"])(
    "may be an address, with or without a key, under credentials: %s",
    async (credentials) => {
      const policy = `callers: { api-key: { bearer: true } }\ncredentials: ${credentials}\n${STRANGERS}`;
      const rig = await startManagedRig({ policy });
      const { secret } = await issueKey(rig.control);
      await suspend(rig, "ip", "127.0.0.1");
      expect((await fetch(rig.url)).status).toBe(403);
      expect((await fetch(rig.url, bearer(secret))).status).toBe(403);
    },
  );

  test("is not who only says an id on record, where credentials are not managed", async () => {
    const rig = await startManagedRig({
      policy: `callers: { api-key: { bearer: true } }\ncredentials: presented\n${STRANGERS}`,
    });
    const { key } = await issueKey(rig.control);
    await suspend(rig, "api-key", key.id);
    expect((await fetch(rig.url, bearer(key.id))).status).toBe(200);
  });

  test("is refused to switch protocols, and to send a body", async () => {
    const rig = await startManagedRig({ policy: `${MANAGED}\n${CALLS}` });
    await suspend(rig, "ip", "127.0.0.1");
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    expect(statusOf(await exchangeRaw(rig.port, `GET / HTTP/1.1\r\nHost: h\r\n${upgrade}\r\n`))).toBe(403);
    const expects = "Expect: 100-continue\r\nContent-Length: 5\r\n";
    expect(statusOf(await exchangeRaw(rig.port, `POST / HTTP/1.1\r\nHost: h\r\n${expects}\r\n`))).toBe(403);
    expect(rig.upstream.seen).toHaveLength(0);
  });
});

describe("repeated denials", () => {
  const RULE = "suspend: [{ per: account, after: 100 denials, within: 10m, for: 1h }]";

  test("suspend: the hundredth is a 429 yet, and the next request a 403 until the hour is over", async () => {
    const rig = await startManagedRig({ policy: `${MANAGED}\n${CALLS}\n${RULE}` });
    const { account, secret } = await issueKey(rig.control);
    for (let i = 0; i < 2; i++) expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
    for (let i = 0; i < 100; i++) expect((await fetch(rig.url, bearer(secret))).status).toBe(429);
    const response = await fetch(rig.url, bearer(secret));
    expect(response.status).toBe(403);
    expect(response.headers.get("retry-after")).toBe("3600");

    await expect.poll(() => active(rig.control)).toHaveLength(1);
    expect(await active(rig.control)).toMatchObject([
      { caller: "account", value: account.id, reason: "100 denials within 10m", endsAt: rig.time.now + 3_600_000 },
    ]);
    rig.time.now += 3_600_000;
    expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
  });

  test("suspend amid a pipeline", async () => {
    const rig = await startManagedRig({
      policy: `${STRANGERS}\nsuspend: [{ per: ip, after: 2 denials, within: 10m, for: until-lifted }]`,
    });
    const request = "GET / HTTP/1.1\r\nHost: h\r\n";
    const text = await exchangeRaw(rig.port, `${`${request}\r\n`.repeat(5)}${request}Connection: close\r\n\r\n`);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(["200", "200", "429", "429", "403", "403"]);
  });

  test("start anew after a suspension is lifted", async () => {
    const rig = await startManagedRig({
      policy: `${STRANGERS}\nsuspend: [{ per: ip, after: 3 denials, within: 10m, for: until-lifted }]`,
    });
    const statuses = (count: number): Promise<number[]> => ask(rig, count);
    expect(await statuses(6)).toEqual([200, 200, 429, 429, 429, 403]);
    await expect.poll(() => active(rig.control)).toHaveLength(1);
    const [suspension] = await active(rig.control);
    await expect.poll(() => rig.log).toContainEqual(expect.objectContaining({ event: "caller-suspended" }));
    await rig.control.suspensions.lift(suspension?.id as string, "test");
    expect(await statuses(4)).toEqual([429, 429, 429, 403]);
  });

  test("too far apart do not", async () => {
    const rig = await startManagedRig({
      policy: `${STRANGERS}\nsuspend: [{ per: ip, after: 3 denials, within: 1m, for: 1h }]`,
    });
    expect(await ask(rig, 4)).toEqual([200, 200, 429, 429]);
    rig.time.now += 60_000;
    expect(await ask(rig, 4)).toEqual([429, 429, 429, 403]);
  });

  test("of one account suspend no other", async () => {
    const rig = await startManagedRig({
      policy: `${MANAGED}\n${CALLS}\nsuspend: [{ per: account, after: 1 denials, within: 1m, for: 1h }]`,
    });
    const one = await issueKey(rig.control);
    const other = await issueKey(rig.control);
    expect(await ask(rig, 4, one.secret)).toEqual([200, 200, 429, 403]);
    expect(await ask(rig, 1, other.secret)).toEqual([200]);
  });

  test("of a widget token, which strangers see, suspend neither its key nor its account", async () => {
    const rules = ["account", "api-key", "token"].map((per) => `{ per: ${per}, after: 1 denial, within: 1h, for: 1h }`);
    const rig = await startManagedRig({ policy: `${MANAGED}\n${CALLS}\nsuspend: [${rules}]` });
    const { key, secret } = await issueKey(rig.control);
    const widget = await issueToken(rig.control, key.id, "widget");
    for (const status of [200, 200, 429, 403]) {
      expect((await fetch(rig.url, bearer(widget.secret))).status).toBe(status);
    }
    expect((await fetch(rig.url, bearer(secret))).status).toBe(429);
  });

  test("of several rules that are met at once, the longest holds", async () => {
    const rig = await startManagedRig({
      policy: `${STRANGERS}
suspend:
  - { per: ip, after: 2 denials, within: 1m, for: 1h }
  - { per: ip, after: 2 denials, within: 10m, for: until-lifted }
  - { per: ip, after: 2 denials, within: 20m, for: 2h }`,
    });
    expect(await ask(rig, 4)).toEqual([200, 200, 429, 429]);
    const response = await fetch(rig.url);
    expect(response.status).toBe(403);
    expect(response.headers.get("retry-after")).toBeNull();
    await expect.poll(() => active(rig.control)).toHaveLength(1);
    expect(await active(rig.control)).toMatchObject([{ reason: "2 denials within 10m", endsAt: undefined }]);
  });

  test("are not what shadow limits, body caps, costs, 401s and 403s refuse", async () => {
    const rig = await startManagedRig({
      policy: `${MANAGED}
limits:
  - { name: tried-out, per: [ip], quota: 1, window: 1h, mode: shadow }
  - { name: bytes, match: { path: /bytes }, per: [ip], quota: 3, window: 1h, cost: bytes }
  - { name: cap, match: { path: /cap }, max-body: 3B }
suspend: [{ per: ip, after: 1 denials, within: 10m, for: 1h }]`,
    });
    const { key } = await issueKey(rig.control);
    const widget = await issueToken(rig.control, key.id, "widget");
    const post = (path: string): Promise<Response> => fetch(rig.url + path, { method: "POST", body: "hello" });
    expect((await post("/bytes")).status).toBe(413);
    expect((await post("/cap")).status).toBe(413);
    expect((await fetch(rig.url, bearer("nobody"))).status).toBe(401);
    expect((await fetch(rig.url, { method: "DELETE", ...bearer(widget.secret) })).status).toBe(403);
    expect(await ask(rig, 3)).toEqual([200, 200, 200]);
  });

  test("count too where the body need not be read to deny", async () => {
    const rig = await startManagedRig({
      policy: `limits: [{ name: items, per: [ip], quota: 2, window: 1h, cost: { items: "" } }]
suspend: [{ per: ip, after: 1 denials, within: 10m, for: 1h }]`,
    });
    const post = async (): Promise<number> => (await fetch(rig.url, { method: "POST", body: "[1,2]" })).status;
    expect([await post(), await post(), await post()]).toEqual([200, 429, 403]);
  });

  test("suspend once, however many come while that is being written", async () => {
    const written = Promise.withResolvers<void>();
    const calls: unknown[] = [];
    const rig = await startWith((suspensions) => async (...fields) => {
      calls.push(fields);
      await written.promise;
      return suspensions.suspend(...fields);
    });
    const inFlight = await Promise.all(Array.from({ length: 50 }, () => fetch(rig.url).then(({ status }) => status)));
    expect(inFlight.filter((status) => status === 429)).toHaveLength(3);
    expect(inFlight.filter((status) => status === 403)).toHaveLength(45);
    written.resolve();
    await expect.poll(() => active(rig.control)).toHaveLength(1);
    expect(calls).toHaveLength(1);
    expect((await fetch(rig.url)).status).toBe(403);
  });

  test("keep nobody out for longer than they say, however long they take to be written", async () => {
    const written = Promise.withResolvers<void>();
    const rig = await startWith((suspensions) => async (...fields) => {
      await written.promise;
      return suspensions.suspend(...fields);
    });
    expect(await ask(rig, 6)).toEqual([200, 200, 429, 429, 429, 403]);
    rig.time.now += 3_600_000;
    expect(await ask(rig, 1)).toEqual([200]);
    written.resolve();
  });

  test("that cannot be written are told once, and tried again at the next denial", async () => {
    let isAway = true;
    const rig = await startWith((suspensions) => async (...fields) => {
      if (isAway) throw new HeadgateError("HG_STORAGE_UNREACHABLE", "the database does not answer");
      return suspensions.suspend(...fields);
    });
    expect(await ask(rig, 8)).toEqual([200, 200, 429, 429, 429, 429, 429, 429]);
    expect(rig.log).toEqual([expect.objectContaining({ level: "error", event: "suspension-failed" })]);
    isAway = false;
    expect(await ask(rig, 2)).toEqual([429, 403]);
    await expect.poll(() => active(rig.control)).toHaveLength(1);
    await expect.poll(() => rig.log.length).toBe(2);
  });

  test("survive a store that fails", async () => {
    class FailingStore extends MemoryStore {
      override charge(): never {
        throw new Error("no store");
      }
    }
    const rig = await startManagedRig({
      policy: `${STRANGERS}\nsuspend: [{ per: ip, after: 1 denials, within: 10m, for: 1h }]`,
      store: new FailingStore({ maxPartitions: 100 }),
    });
    expect(await ask(rig, 4)).toEqual([200, 200, 429, 429]);
    expect(rig.log).toEqual([expect.objectContaining({ event: "suspension-failed" })]);
  });
});

/** A rig that suspends an address for three denials, and writes it in its own way. */
async function startWith(
  suspendBy: (suspensions: Records["suspensions"]) => Records["suspensions"]["suspend"],
): Promise<ManagedRig> {
  const { control, time } = await startManagedRig();
  const { directory, tokens, suspensions } = control;
  const rig = await startRig({
    policy: `${STRANGERS}\nsuspend: [{ per: ip, after: 3 denials, within: 10m, for: 1h }]`,
    control: { directory, tokens, suspensions: { suspend: suspendBy(suspensions) } },
    time,
  });
  return { ...rig, control };
}

type ManagedRig = Awaited<ReturnType<typeof startManagedRig>>;

async function ask(rig: Rig, count: number, secret?: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) {
    statuses.push((await fetch(rig.url, secret === undefined ? {} : bearer(secret))).status);
  }
  return statuses;
}

function suspend(
  { control, time }: ManagedRig,
  caller: "account" | "api-key" | "token" | "ip",
  value: string,
  forMs?: number,
): Promise<Suspension> {
  const endsAt = forMs === undefined ? undefined : time.now + forMs;
  return control.suspensions.suspend({ caller, value, reason: "a test", endsAt }, "test");
}

async function active(control: Control): Promise<readonly Suspension[]> {
  return (await control.suspensions.list({ active: true })).items;
}

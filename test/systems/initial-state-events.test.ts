import { expect, test } from "vitest";
import { canRun, PYTHON, startProgram } from "../program.ts";
import { type Issued, issueKey, type Json } from "./admin.ts";
import { policyFile, rateLimit, repeat, serve, serveAt } from "./harness.ts";
import { startTlsFront } from "./tls-front.ts";

const hasOpenssl = canRun("openssl", ["version"], "the test with Initial State's Node SDK is skipped: install openssl");
const hasPython = canRun(PYTHON, ["--version"], `the test with Python is skipped: install python3, for ${PYTHON}`);

const NOON = Date.UTC(2026, 0, 1, 12);
const NOON_TEXT = "2026-01-01T12:00:00.000Z";
const SOON = { timeout: 20_000 };
/** The vendor's own limit is 30 calls in ten seconds. */
const threeCallsASecond = (policy: string): string =>
  policy.replace("quota: 30\n    window: 10s", "quota: 3\n    window: 1s");

/** An account of a gate, as its programs call it. */
function senderOf({ url }: { readonly url: string }, { secret }: Issued) {
  const headers = { "x-is-accesskey": secret, "content-type": "application/json" };
  return {
    post: (
      path: string,
      body: object | string,
      bucket: object = { "x-is-bucketkey": "greenhouse" },
    ): Promise<Response> =>
      fetch(url + path, {
        method: "POST",
        headers: { ...headers, ...bucket },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    /** What is kept, in the order of its receipt. No limit is on it. */
    async kept(): Promise<Json[]> {
      const response = await fetch(`${url}/v1/events?order=asc&limit=100`, { headers });
      return ((await response.json()) as { items: Json[] }).items;
    },
  };
}

const reading = (key: string, value: unknown, time = NOON_TEXT): object => ({
  type: "reading",
  target: { type: "bucket", id: "greenhouse" },
  metadata: { key, value },
  time,
});

test("I4: of a call over 200 KB nothing is stored, and one of just 200 KB is", async () => {
  const gate = await serve(policyFile("initial-state"));
  const { post, kept } = senderOf(gate, await issueKey(gate));
  const ofBytes = (bytes: number): string => JSON.stringify({ key: "temperature", value: 21.5 }).padEnd(bytes);
  const refused = await post("/api/events", ofBytes(200 * 1024 + 1));
  expect(refused.status).toBe(413);
  expect(await kept()).toEqual([]);
  expect((await post("/api/events", ofBytes(200 * 1024))).status).toBe(204);
  expect(await kept()).toHaveLength(1);
});

test("I5: of a call that is limited nothing is stored", async () => {
  const gate = await serveAt(NOON, "initial-state");
  const { post, kept } = senderOf(gate, await issueKey(gate));
  const call = (): Promise<Response> =>
    post("/api/events", [
      { key: "a", value: 1 },
      { key: "b", value: 2 },
    ]);
  expect((await repeat(30, call)).status).toBe(204);
  expect((await call()).status).toBe(429);
  expect(await kept()).toHaveLength(60);
});

test("I6: the events of one call have times of their own, as ISO 8601 or as epoch seconds", async () => {
  const gate = await serveAt(NOON, "initial-state");
  const { post, kept } = senderOf(gate, await issueKey(gate));
  const response = await post("/api/events", [
    { key: "number", value: 1, epoch: NOON / 1000 - 10 },
    { key: "fraction", value: 2, epoch: NOON / 1000 - 9.5 },
    { key: "text", value: 3, epoch: String(NOON / 1000 - 9) },
    { key: "long", value: 4, epoch: "1767268792.907489964" },
    { key: "iso", value: 5, iso8601: "2026-01-01T13:59:53.5+02:00" },
    { key: "none", value: 6 },
    { key: "both", value: 7, epoch: NOON / 1000 - 5, iso8601: NOON_TEXT },
  ]);
  expect(response.status).toBe(204);
  expect(rateLimit(response)).toMatchObject({ limit: "30", remaining: "29" });
  expect(await kept()).toMatchObject([
    reading("number", 1, "2026-01-01T11:59:50.000Z"),
    reading("fraction", 2, "2026-01-01T11:59:50.500Z"),
    reading("text", 3, "2026-01-01T11:59:51.000Z"),
    reading("long", 4, "2026-01-01T11:59:52.907Z"),
    reading("iso", 5, "2026-01-01T11:59:53.500Z"),
    reading("none", 6),
    reading("both", 7, "2026-01-01T11:59:55.000Z"),
  ]);
});

test("I10: a bucket is made once, and takes one event or an array of them", async () => {
  const gate = await serveAt(NOON, "initial-state");
  const { post, kept } = senderOf(gate, await issueKey(gate));
  const bucket = { bucketKey: "greenhouse", bucketName: "Green house" };
  expect((await post("/api/buckets", bucket)).status).toBe(201);
  expect((await post("/api/buckets", bucket)).status).toBe(204);
  const one = await post("/api/events", { key: "temperature", value: 21.5 });
  expect(one.status).toBe(204);
  expect(await one.text()).toBe("");
  expect(
    (
      await post("/api/events", [
        { key: "door", value: "open" },
        { key: "on", value: true },
      ])
    ).status,
  ).toBe(204);
  expect(await kept()).toMatchObject([reading("temperature", 21.5), reading("door", "open"), reading("on", true)]);

  expect((await post("/api/events", { key: "no bucket", value: 1 }, {})).status).toBe(400);
  expect((await post("/api/events", [{ key: "good", value: 1 }, { value: "no key" }])).status).toBe(422);
  expect(await kept()).toHaveLength(3);
});

test.skipIf(!hasOpenssl)("I10: the vendor's Node SDK streams to it, unchanged", { timeout: 60_000 }, async () => {
  const gate = await serve(policyFile("initial-state"));
  const key = await issueKey(gate);
  const { port, certificateFile } = await startTlsFront(gate.url);
  const run = (secret: string) => {
    const environment = {
      IS_API_HOST: "127.0.0.1",
      NODE_EXTRA_CA_CERTS: certificateFile,
      PORT: String(port),
      KEY: secret,
      TIME: NOON_TEXT,
    };
    const file = new URL("initial-state-senders/node-sdk.cjs", import.meta.url).pathname;
    return startProgram(process.execPath, [file], { environment }).finished;
  };

  expect(await run(key.secret)).toEqual({ exitCode: 0, stdout: "made\nsent\n", stderr: "" });
  // The SDK sends every value as text.
  const sent = [reading("temperature", "21.5"), reading("door", "open"), { metadata: { key: "now", value: "true" } }];
  expect(await senderOf(gate, key).kept()).toMatchObject(sent);
  expect((await run(key.secret)).stdout).toBe("found\nsent\n");
  expect((await run("made-up")).stdout).toBe("Unauthorized\n");
  expect(await senderOf(gate, key).kept()).toHaveLength(6);
});

test.skipIf(!hasPython)(
  "I10: what the vendor's Python SDK sends is taken, and it loses nothing when it is limited",
  async () => {
    const gate = await serveAt(NOON, "initial-state", undefined, threeCallsASecond);
    const key = await issueKey(gate);
    const environment = { HOST: new URL(gate.url).host, KEY: key.secret };
    const file = new URL("initial-state-senders/python_sdk.py", import.meta.url).pathname;
    const sdk = startProgram(PYTHON, [file], { environment });
    await expect.poll(() => sdk.output(), SOON).toContain("waits 2\n");
    gate.clock.now += 1_000;
    const { exitCode, stdout, stderr } = await sdk.finished;
    expect(exitCode, stderr).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "/api/buckets 201",
      "/api/events 204",
      "/api/events 204",
      "/api/events 429",
      "waits 2",
      "/api/events 204",
      "",
    ]);
    const events = await senderOf(gate, key).kept();
    expect(events).toHaveLength(15);
    expect(events.at(-1)).toMatchObject(reading("temperature", 4, "2026-01-01T12:00:02.650Z"));
  },
);

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canRun, PYTHON, type Running, startProgram } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { bearer, type Issued, issueKey, type Json } from "./admin.ts";
import { policyFile, rateLimit, repeat, serve, serveAt } from "./harness.ts";

// `logproof-examples/` holds the examples of Logproof's page as they stand there; where the page has lost its line breaks
// and its indentation, as a reader would take them. Nothing but host and key is changed before they are run.

const hasCurl = canRun("curl", ["--version"], "Logproof's curl examples are skipped: install curl");
const hasRequests = canRun(
  PYTHON,
  ["-c", "import requests"],
  `Logproof's Python examples are skipped: install python3-requests, for ${PYTHON}`,
);

const NOON = Date.UTC(2026, 0, 1, 12);
const MINUTE_MS = 60_000;
const SLOWLY = { timeout: 60_000 };
const SOON = { timeout: 20_000 };

/** What an example is given besides itself. */
interface Around {
  readonly before?: string;
  /** What is done with what it defines. */
  readonly after?: string;
  /** What is put in place of what the page made up. */
  readonly replacing?: Readonly<Record<string, string>>;
}

/** Starts an example against a gate, in the language that its name ends with. */
async function start(
  name: string,
  { url }: { readonly url: string },
  { secret }: Issued,
  { before = "", after = "", replacing = {} }: Around = {},
): Promise<Running> {
  const page = await readFile(new URL(`logproof-examples/${name}`, import.meta.url), "utf8");
  const changes = { "https://api.logproof.com": url, "lp_test_...": secret, ...replacing };
  const example = Object.entries(changes).reduce((text, [from, to]) => text.replaceAll(from, to), page);
  const source = [before, example, after].join("\n");
  if (name.endsWith(".js")) return startProgram(process.execPath, ["--input-type=module", "-e", source]);
  if (name.endsWith(".py")) return startProgram(PYTHON, ["-c", source]);
  // Each command is told on standard error, and curl shows the head of each answer, which the page does not always ask for.
  const folder = await temporaryFolder();
  await writeFile(join(folder, ".curlrc"), "silent\ninclude\n");
  return startProgram("bash", ["-xc", source], { environment: { CURL_HOME: folder } });
}

async function outputOf(...example: Parameters<typeof start>): Promise<string> {
  const { exitCode, stdout, stderr } = await (await start(...example)).finished;
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

/** An answer as curl shows it. */
function parse(output: string): { status: string; headers: Headers; body: string } {
  const [head = "", body = ""] = output.split("\r\n\r\n");
  const [status = "", ...fields] = head.split("\r\n");
  return { status, headers: new Headers(fields.map((field) => field.split(": ") as [string, string])), body };
}

const testKey = (gate: Parameters<typeof issueKey>[0]): Promise<Issued> =>
  issueKey(gate, "Acme", { prefix: "lp_test_" });

/** Uses up so many of a key's requests. */
const use = (count: number, { url }: { readonly url: string }, key: Issued): Promise<Response> =>
  repeat(count, () => fetch(`${url}/v1/events`, { headers: bearer(key) }));

async function listed(path: string, { url }: { readonly url: string }, key: Issued): Promise<Json[]> {
  const response = await fetch(url + path, { headers: bearer(key) });
  return ((await response.json()) as { items: Json[] }).items;
}

describe.skipIf(!hasCurl)("in curl alone", SLOWLY, () => {
  test("an event is answered with 200, the rate-limit headers, its id and itself", async () => {
    const gate = await serve(policyFile("logproof"));
    const output = await outputOf("send-event.sh", gate, await testKey(gate));
    const { status, headers, body } = parse(output);
    expect(status).toBe("HTTP/1.1 200 OK");
    expect(output).toMatch(/^X-RateLimit-Limit: 100\r\nX-RateLimit-Remaining: 99\r$/m);
    expect(output).toMatch(/^Content-Type: application\/json\r$/m);
    expect(headers.has("retry-after") || headers.has("x-ratelimit-reset")).toBe(false);
    expect(JSON.parse(body)).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      type: "user.login",
      actor: { id: "user_123" },
    });
  });

  test("over the limit it is a 429 with Retry-After, and a body that says as much", async () => {
    const gate = await serveAt(NOON, "logproof");
    const key = await testKey(gate);
    await use(1, gate, key);
    gate.clock.now += 15_000;
    await use(99, gate, key);
    const output = await outputOf("list-events.sh", gate, key);
    const { status, headers, body } = parse(output);
    expect(status).toBe("HTTP/1.1 429 Too Many Requests");
    expect(output).toMatch(/^X-RateLimit-Limit: 100\r\nX-RateLimit-Remaining: 0\r$/m);
    expect(output).toMatch(/^Retry-After: 45\r$/m);
    expect(headers.get("content-type")).toBe("application/json");
    expect(JSON.parse(body)).toEqual({
      error: { type: "rate_limit_exceeded", message: "Rate limit exceeded. Please retry after 45 seconds." },
    });
  });

  test("If-None-Match gives 304 while nothing has changed, and 200 for a tag that stands for something else", async () => {
    const gate = await serve(policyFile("logproof"));
    const key = await testKey(gate);
    const first = parse(await outputOf("conditional.sh", gate, key));
    expect(first.status).toBe("HTTP/1.1 200 OK");
    const abc123etag = JSON.parse(first.headers.get("etag") ?? "") as string;
    const again = parse(await outputOf("conditional.sh", gate, key, { replacing: { abc123etag } }));
    expect(again.status).toBe("HTTP/1.1 304 Not Modified");
    expect(rateLimit(again)).toEqual({ limit: "100", remaining: "98", reset: null, retryAfter: null });
    expect(again.body).toBe("");
  });
});

const languages = [
  {
    name: "curl",
    ending: "sh",
    isThere: hasCurl,
    answer: "",
    getEvents: undefined,
    callWithRetry: 'echo "$status_code"',
    retrying: "+ sleep 2",
    monitored: "X-RateLimit-Limit: 100\r\nX-RateLimit-Remaining: 9\r\n",
  },
  {
    name: "JavaScript",
    ending: "js",
    isThere: true,
    answer: "console.log(await response.text())",
    getEvents: "await getEvents(); console.log(JSON.stringify(await getEvents()))",
    callWithRetry: "console.log((await callAPIWithRetry()).status)",
    retrying: "Rate limited. Retrying in 1000ms",
    monitored: "Only 9 requests remaining in this window\n",
  },
  {
    name: "Python",
    ending: "py",
    isThere: hasRequests,
    answer: "print(response.text)",
    getEvents: "import json; get_events(); print(json.dumps(get_events()))",
    callWithRetry: "print(call_api_with_retry().status_code)",
    retrying: "Rate limited. Retrying in 1s",
    monitored: "Only 9 requests remaining in this window\n",
    // That example alone comes without its import.
    beforeMonitor: "import requests",
  },
];

describe.each(languages)("in $name", SLOWLY, (language) => {
  const { ending, isThere, answer, getEvents, callWithRetry, retrying, monitored, beforeMonitor } = language;

  test.skipIf(!isThere)("a batch is one request, whatever it holds", async () => {
    const gate = await serve(policyFile("logproof"));
    const key = await testKey(gate);
    const output = await outputOf(`batch.${ending}`, gate, key, { after: answer });
    const [, json = ""] = /(\{.*\})\s*$/.exec(output) ?? [];
    expect(JSON.parse(json)).toMatchObject({
      accepted: 3,
      rejected: 0,
      ids: [/^evt_/, /^evt_/, /^evt_/].map(matching),
    });
    expect(rateLimit(await use(1, gate, key)).remaining).toBe("98");
    const events = await listed("/v1/events", gate, key);
    expect(events.map(({ type }) => type)).toEqual(["document.view", "file.upload", "user.login"]);
  });

  if (getEvents !== undefined) {
    test.skipIf(!isThere)("events are asked for once a minute", async () => {
      const gate = await serve(policyFile("logproof"));
      const key = await testKey(gate);
      const output = await outputOf(`cache.${ending}`, gate, key, { after: getEvents });
      expect(JSON.parse(output)).toMatchObject({ items: [] });
      expect(rateLimit(await use(1, gate, key)).remaining).toBe("98");
    });
  }

  test.skipIf(!isThere)("a webhook is made, where its name does not lead anywhere yet", async () => {
    const gate = await serve(policyFile("logproof"));
    const key = await testKey(gate);
    await outputOf(`webhook.${ending}`, gate, key);
    expect(await listed("/v1/webhooks", gate, key)).toMatchObject([
      { url: "https://your-app.com/webhooks/logproof", events: ["event.created", "export.completed"], enabled: true },
    ]);
  });

  test.skipIf(!isThere)("a caller that is limited tries again, and is let in", async () => {
    const gate = await serveAt(NOON, "logproof");
    const key = await testKey(gate);
    await use(100, gate, key);
    const example = await start(`retry.${ending}`, gate, key, { after: callWithRetry });
    // What the page waits is less than the Retry-After that it was told, so the window has to end meanwhile.
    await expect.poll(() => example.output(), SOON).toContain(retrying);
    gate.clock.now += MINUTE_MS;
    const { exitCode, stdout, stderr } = await example.finished;
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/^200$/m);
  });

  test.skipIf(!isThere)("a caller is told what is left of its minute", async () => {
    const gate = await serveAt(NOON, "logproof");
    const key = await testKey(gate);
    await use(90, gate, key);
    const example = await start(`monitor.${ending}`, gate, key, { before: beforeMonitor ?? "" });
    await example.finished;
    expect(example.output()).toContain(monitored);
  });
});

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

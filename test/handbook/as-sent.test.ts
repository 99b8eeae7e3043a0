import { readFile } from "node:fs/promises";
import { writeHandbook } from "@headgate/handbook";
import { loadPolicy, type Policy } from "@headgate/policy";
import { describe, expect, test } from "vitest";
import { issueKey } from "../systems/admin.ts";
import { policyFile, serveAt, startUpstream } from "../systems/harness.ts";

/** When the examples of all pages take place. */
const STAGED_AT = Date.UTC(2026, 0, 1, 12);

describe.each([
  { name: "logproof", quota: 100, windowMs: 60_000 },
  { name: "initial-state", quota: 30, windowMs: 10_000 },
  { name: "keymint", quota: 10, windowMs: 60_000 },
  { name: "measurabl", quota: 500, windowMs: 300_000 },
  { name: "prolifi", quota: 1000, windowMs: 60_000 },
])("the pages of $name show", ({ name, quota, windowMs }) => {
  test("headers and the refusal as the gate sends them", async () => {
    const policy = loadPolicy(await readFile(policyFile(name), "utf8")).policy as Policy;
    const { ask, clock } = await openGate(name, policy);
    const page = (wanted: string) => writeHandbook(policy).pages.find(({ name }) => name === wanted)?.markdown ?? "";

    let answer = await ask();
    for (let i = 0; i < 4; i++) answer = await ask();
    for (const line of httpIn(page("headers")).split("\n")) expect(rateLimitLines(answer)).toContain(line);

    for (let i = 5; i < quota; i++) await (await ask()).arrayBuffer();
    clock.now += windowMs / 4;
    const refusal = await ask();
    const [head = "", body = ""] = httpIn(page("refusals")).split("\n\n");
    const [statusLine, ...headers] = head.split("\n");
    expect(statusLine).toBe(`HTTP/1.1 ${refusal.status} ${refusal.statusText}`);
    expect(headers.map((line) => line.toLowerCase())).toEqual(
      headers.map((line) => {
        const [header = ""] = line.split(":");
        return `${header}: ${refusal.headers.get(header)}`.toLowerCase();
      }),
    );
    expect(headers).toEqual(expect.arrayContaining(rateLimitLines(refusal)));
    expect(await refusal.json()).toEqual(JSON.parse(body));
  });

  test("the refusal of a credential that is not valid as the gate sends it", async () => {
    const policy = loadPolicy(await readFile(policyFile(name), "utf8")).policy as Policy;
    const { askAs } = await openGate(name, policy);
    await expectAsSent(await askAs("not-a-key"), "Without a valid credential", policy);
  });
});

test("the pages of initial-state show the refusals of a large body and of a suspended account as the gate sends them", async () => {
  const policy = loadPolicy(await readFile(policyFile("initial-state"), "utf8")).policy as Policy;
  const { ask } = await openGate("initial-state", policy);
  await expectAsSent(await ask("x".repeat(200 * 1024 + 1)), "A body that is too large", policy);
  for (let i = 0; i < 130; i++) await (await ask()).arrayBuffer();
  const { status, headers } = await ask();
  const shown = refusalUnder("Suspended", policy);
  expect(shown.statusLine).toBe(`HTTP/1.1 ${status} Forbidden`);
  expect(shown.headers.map((line) => line.split(":", 1)[0])).toEqual(
    expect.arrayContaining(["Retry-After", ...rateLimitLines({ headers }).map((line) => line.split(":", 1)[0])]),
  );
});

/** Fails where an answer is not what the page of refusals shows below a heading. */
async function expectAsSent(answer: Response, heading: string, policy: Policy): Promise<void> {
  const { statusLine, headers, body } = refusalUnder(heading, policy);
  expect(statusLine).toBe(`HTTP/1.1 ${answer.status} ${answer.statusText}`);
  expect(headers).toEqual(expect.arrayContaining(rateLimitLines(answer)));
  expect(await answer.json()).toEqual(JSON.parse(body));
}

function refusalUnder(heading: string, policy: Policy) {
  const text = writeHandbook(policy).pages.find(({ name }) => name === "refusals")?.markdown ?? "";
  const [head = "", body = ""] = httpIn(text.slice(text.indexOf(`\n## ${heading}\n`))).split("\n\n");
  const [statusLine = "", ...headers] = head.split("\n");
  return { statusLine, headers, body };
}

/** A gate that can be asked as the examples do, at the time of theirs. */
async function openGate(name: string, { docs, upstream, callers }: Policy) {
  const api = upstream?.kind === "builtin" ? undefined : (await startUpstream()).url;
  const gate = await serveAt(STAGED_AT, name, api);
  const key = await issueKey(gate);
  const { method = "GET", path = "/v1/events" } = docs.example ?? {};
  const header = callers.sections.get("api-key")?.header;
  const askAs = (secret: string, body?: string) => {
    const headers = header === undefined ? { authorization: `Bearer ${secret}` } : { [header]: secret };
    return fetch(gate.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  };
  return { clock: gate.clock, askAs, ask: (body?: string) => askAs(key.secret, body) };
}

/** The first block of HTTP on a page. */
function httpIn(markdown: string): string {
  return /^```http\n([\s\S]*?)\n```$/m.exec(markdown)?.[1] ?? "";
}

/** An answer's rate-limit headers as pages write them. */
function rateLimitLines({ headers }: Pick<Response, "headers">): string[] {
  const names = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit-Policy", "RateLimit"];
  return names.flatMap((name) => (headers.has(name) ? [`${name}: ${headers.get(name)}`] : []));
}

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { siteFiles, writeHandbook } from "@headgate/handbook";
import { loadPolicy, type Policy } from "@headgate/policy";
import { describe, expect, test } from "vitest";
import { bearer, issueKey } from "../systems/admin.ts";
import { policyFile, rateLimit, serve, serveAt, startUpstream } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const NOON = Date.UTC(2026, 0, 1, 12);
const PATH = "/docs/rate-limits";

/** Has a policy serve its pages. */
function withPages(text: string): string {
  return text.replace(/^docs:\n/m, `$&  path: ${PATH}\n`);
}

async function policyOf(name: string, edit = (text: string) => text): Promise<Policy> {
  return loadPolicy(edit(await readFile(policyFile(name), "utf8"))).policy as Policy;
}

describe("pages at a path of the gate", () => {
  test("are those that the command writes, in the types that they are", async () => {
    const { url } = await serveAt(NOON, "logproof", undefined, withPages);
    for (const [file, text] of siteFiles(writeHandbook(await policyOf("logproof", withPages)))) {
      const response = await fetch(`${url}${PATH}/${file}`);
      expect({ file, status: response.status, text: await response.text() }).toEqual({ file, status: 200, text });
      expect(response.headers.get("content-type")).toMatch(TYPES[file.split(".").at(-1) as string] as RegExp);
    }
  });

  test("are found with or without an extension, and begin at the path itself", async () => {
    const { url } = await serveAt(NOON, "logproof", undefined, withPages);
    const start = await fetch(`${url}${PATH}`);
    expect(start.url).toBe(`${url}${PATH}/`);
    expect((await fetch(`${url}${PATH}/index`)).status).toBe(200);
    expect(await start.text()).toContain('<h1 id="rate-limits">');
    expect(await (await fetch(`${url}${PATH}/headers`)).text()).toContain("<title>Rate-limit headers · Logproof API");
    for (const name of ["headers.md", "headers.html.md"]) {
      expect(await (await fetch(`${url}${PATH}/${name}`)).text()).toMatch(/^# Rate-limit headers\n/);
    }
  });

  test("need no credential, count for no limit, and carry no rate-limit headers", async () => {
    const gate = await serveAt(NOON, "logproof", undefined, withPages);
    const headers = bearer(await issueKey(gate));
    const ask = () => fetch(`${gate.url}${PATH}/headers.html`, { headers });
    expect((await fetch(`${gate.url}${PATH}/headers.html`)).status).toBe(200);
    expect(rateLimit(await ask())).toEqual({ limit: null, remaining: null, reset: null, retryAfter: null });
    for (let i = 0; i < 20; i++) await (await ask()).arrayBuffer();
    expect(rateLimit(await fetch(`${gate.url}/v1/events`, { headers })).remaining).toBe("99");
  });

  test("are moved to from the path itself for no longer than a policy may stay", async () => {
    const { url } = await serveAt(NOON, "logproof", undefined, withPages);
    const { status, headers } = await fetch(`${url}${PATH}`, { redirect: "manual" });
    expect({ status, cacheControl: headers.get("cache-control") }).toEqual({
      status: 308,
      cacheControl: "public, max-age=60",
    });
  });

  test("answer HEAD without a body, and 304 to who has them already", async () => {
    const { url } = await serveAt(NOON, "logproof", undefined, withPages);
    const page = `${url}${PATH}/headers.html`;
    const got = await fetch(page);
    const head = await fetch(page, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(String((await got.arrayBuffer()).byteLength));
    expect(await head.text()).toBe("");
    const again = await fetch(page, { headers: { "if-none-match": got.headers.get("etag") as string } });
    expect(again.status).toBe(304);
    expect(again.headers.get("content-type")).toBeNull();
  });

  test("leave all else below the path to the upstream", async () => {
    const upstream = await startUpstream();
    const { url } = await serveAt(NOON, "measurabl", upstream.url, withPages);
    await fetch(`${url}${PATH}/headers`);
    await fetch(`${url}${PATH}/headers`, { method: "POST" });
    await fetch(`${url}${PATH}/elsewhere`);
    await fetch(`${url}${PATH}-too`);
    await expect.poll(() => upstream.received.length).toBe(3);
    const asked = upstream.received.map(({ method, url }) => `${method} ${url}`);
    expect(asked.toSorted()).toEqual([`GET ${PATH}-too`, `GET ${PATH}/elsewhere`, `POST ${PATH}/headers`]);
  });

  test("tell of an edit from the moment it is enforced", async () => {
    const gate = await serveAt(NOON, "logproof", undefined, withPages);
    const page = async () => (await fetch(`${gate.url}${PATH}/index.md`)).text();
    expect(await page()).toContain("| 100 requests per minute |");
    await gate.reload((text) => withPages(text).replace("quota: 100\n    window: 1m", "quota: 77\n    window: 1m"));
    expect(await page()).toContain("| 77 requests per minute |");
    await gate.reload((text) => text);
    expect((await fetch(`${gate.url}${PATH}/index.md`)).status).not.toBe(200);
  });

  test("are served by every thread", async () => {
    const gate = await serve(policyFile("prolifi"), undefined, { workers: 2 });
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => fetch(`${gate.url}/api-guides/llms.txt`, { headers: { connection: "close" } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
    expect(new Set(answers.map(({ headers }) => headers.get("etag"))).size).toBe(1);
  });
});

test("P6: Prolifi's pages are also there as Markdown, with an index at llms.txt and everything at llms-full.txt", async () => {
  const { url } = await serveAt(NOON, "prolifi");
  const index = await (await fetch(`${url}/api-guides/llms.txt`)).text();
  expect(index).toMatch(/^# .+\n\n> .+\n/);
  const full = await (await fetch(`${url}/api-guides/llms-full.txt`)).text();
  for (const [, page = ""] of index.matchAll(/\]\(([\w-]+\.md)\)/g)) {
    const markdown = await (await fetch(`${url}/api-guides/${page}`)).text();
    expect(full).toContain(markdown.trim());
  }
});

test.each([1, 2])("endpoints of an OpenAPI file are read again when it changes (workers: %i)", async (workers) => {
  const upstream = await startUpstream();
  const folder = await temporaryFolder();
  const [policy, api] = [join(folder, "policy.yaml"), join(folder, "api.yaml")];
  const describe = (path: string) =>
    writeFile(api, JSON.stringify({ openapi: "3.1.0", paths: { [path]: { get: { tags: ["slow"], responses: {} } } } }));
  await describe("/old/{id}");
  await writeFile(
    policy,
    "headgate: 1\nendpoints: { openapi: api.yaml }\nlimits: [{ name: slow, match: { endpoint: slow }, per: ip, quota: 9, window: 1m }]\n",
  );
  const gate = await serve(policy, upstream.url, { workers });
  const limitAt = async (path: string) => rateLimit(await fetch(`${gate.url}${path}`)).limit;
  expect([await limitAt("/old/1"), await limitAt("/new/1")]).toEqual(["9", null]);
  await describe("/new/{id}");
  await expect.poll(() => limitAt("/new/1"), { timeout: 20_000 }).toBe("9");
  expect(await limitAt("/old/1")).toBeNull();
  await writeFile(api, "no document\n");
  await expect.poll(() => gate.log(), { timeout: 20_000 }).toContain("HG_POLICY_OPENAPI");
  expect(await limitAt("/new/1")).toBe("9");
});

const TYPES: Readonly<Record<string, RegExp>> = {
  html: /^text\/html; charset=utf-8$/,
  md: /^text\/markdown; charset=utf-8$/,
  txt: /^text\/plain; charset=utf-8$/,
  css: /^text\/css; charset=utf-8$/,
  js: /^text\/javascript; charset=utf-8$/,
};

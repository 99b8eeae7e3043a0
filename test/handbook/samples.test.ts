import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { writeHandbook } from "@headgate/handbook";
import { loadPolicy, type Policy } from "@headgate/policy";
import { describe, expect, test } from "vitest";
import { canRun, PYTHON, startProgram } from "../program.ts";
import { bearer, type Issued, issueKey } from "../systems/admin.ts";
import { policyFile, type Served, serve, startUpstream } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const hasCurl = canRun("curl", ["--version"], "the samples in bash are skipped: install curl");
const hasPython = canRun(PYTHON, ["--version"], `the samples in Python are skipped: install python3, for ${PYTHON}`);
const hasRequests = canRun(
  PYTHON,
  ["-c", "import requests"],
  "samples with requests are skipped: install python3-requests",
);

/** The languages of the samples: how one is run, by the file it is in. */
const LANGUAGES = [
  { heading: "curl", fence: "sh", file: "sample.sh", command: "bash", isThere: hasCurl },
  { heading: "JavaScript", fence: "js", file: "sample.mjs", command: process.execPath, isThere: true },
  {
    heading: "Python, with requests",
    fence: "python",
    file: "sample.py",
    command: PYTHON,
    isThere: hasPython && hasRequests,
  },
  { heading: "Python, with nothing else", fence: undefined, file: "sample.py", command: PYTHON, isThere: hasPython },
];

/** How the samples' credential is called in the environment, and what prepares an account for the example request. */
const SYSTEMS = [
  { name: "logproof", variable: "API_KEY" },
  { name: "initial-state", variable: "API_KEY", prepare: makeBucket },
  { name: "keymint", variable: "TOKEN" },
  { name: "measurabl", variable: "TOKEN" },
  { name: "prolifi", variable: "API_KEY" },
];

const WINDOWS = [
  ...SYSTEMS.map((system) => ({ ...system, algorithm: "fixed-window" })),
  { name: "prolifi", variable: "API_KEY", algorithm: "sliding-window" },
];

/** Pages with samples that make one request each. */
const OTHER_PAGES: Readonly<Record<string, readonly string[]>> = {
  logproof: ["headers", "handling", "batching", "webhooks"],
  "initial-state": ["headers", "handling", "batching"],
  prolifi: ["headers", "handling", "batching", "webhooks"],
};

/** Two requests in two seconds, wherever the policy allows more in less than a month; else as it is. */
function tightened(text: string, algorithm: string): string {
  return text
    .replaceAll(/quota: \d+\n(\s+)window: \d+[sm]\n/g, `quota: 2\n$1window: 2s\n$1algorithm: ${algorithm}\n`)
    .replaceAll(/^\s+plans: .*\n/gm, "")
    .replace(/retry-after: \d+/, "retry-after: 2");
}

/** The policy in a file of its own, with its API at `baseUrl` in the samples. */
async function policyIn(
  folder: string,
  name: string,
  algorithm: string,
): Promise<{ file: string; at: (baseUrl: string) => Policy }> {
  const text = tightened(await readFile(policyFile(name), "utf8"), algorithm);
  const file = join(folder, "policy.yaml");
  await writeFile(file, text);
  const at = (baseUrl: string): Policy => {
    const { policy, problems } = loadPolicy(text.replace(/base-url: .*/, `base-url: ${baseUrl}`));
    if (!policy) throw new Error(JSON.stringify(problems));
    return policy;
  };
  return { file, at };
}

async function makeBucket({ url }: Served, { secret }: Issued): Promise<void> {
  const headers = { "x-is-accesskey": secret, "content-type": "application/json" };
  const body = JSON.stringify({ bucketKey: "greenhouse", bucketName: "Greenhouse" });
  const { status } = await fetch(`${url}/api/buckets`, { method: "POST", headers, body });
  expect(status).toBe(201);
}

/** The block of code below a heading. */
function codeUnder(heading: string, markdown: string): string {
  const [, code = ""] = new RegExp(`^### ${heading}\n\n\`\`\`\\w+\n([\\s\\S]*?)\n\`\`\``, "m").exec(markdown) ?? [];
  expect(code).not.toBe("");
  return code;
}

/** What became of one attempt of a sample. */
interface Attempt {
  readonly at: number;
  readonly status: number;
  readonly retryAfterMs: number;
}

/** Passes requests on to a gate, and notes what it answers. Before the first, it has `spend` use up the quota. */
async function startWitness(
  gateUrl: string,
  spend: () => Promise<void> = async () => {},
): Promise<{ url: string; attempts: Attempt[] }> {
  const attempts: Attempt[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    if (attempts.length === 0) await spend();
    const { host: _, connection: __, ...headers } = request.headers;
    const answer = await fetch(gateUrl + request.url, {
      method: request.method as string,
      headers: headers as Record<string, string>,
      ...(body.length > 0 ? { body } : {}),
    });
    const shown = ["retry-after", "etag", "content-type", "x-ratelimit-limit", "x-ratelimit-remaining"];
    attempts.push({
      at: Date.now(),
      status: answer.status,
      retryAfterMs: Number(answer.headers.get("retry-after")) * 1000,
    });
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => shown.includes(name))));
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const { url } = await startUpstream((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  return { url, attempts };
}

describe.each(WINDOWS)(
  "the samples in the pages of $name, with a $algorithm",
  ({ name, variable, algorithm, ...system }) => {
    test("meet a refusal when the quota is spent, wait as told, and succeed", async () => {
      const folder = await temporaryFolder();
      const { file, at } = await policyIn(folder, name, algorithm);
      const isBuiltin = at("http://127.0.0.1").upstream?.kind === "builtin";
      const gate = await serve(file, isBuiltin ? undefined : (await startUpstream()).url);

      const outcomes = LANGUAGES.filter(({ isThere }) => isThere).map(async ({ heading, file, command }, i) => {
        const key = await issueKey(gate, `account ${i}`);
        await system.prepare?.(gate, key);
        const witness = await startWitness(gate.url, () => spend(gate, at(gate.url), key));
        const cwd = join(folder, String(i));
        await mkdir(cwd);
        const page = writeHandbook(at(witness.url)).pages.find((page) => page.name === "handling");
        await writeFile(join(cwd, file), codeUnder(heading, page?.markdown ?? ""));
        const environment = { [variable]: key.secret };
        const run = startProgram(command, [file], { cwd: pathToFileURL(`${cwd}/`), environment });
        return { heading, ...(await run.finished), attempts: witness.attempts };
      });

      for (const { heading, exitCode, stdout, stderr, attempts } of await Promise.all(outcomes)) {
        const [refused, admitted, ...others] = attempts as [Attempt, Attempt];
        expect({ heading, exitCode, stderr, statuses: attempts.map(({ status }) => status) }).toEqual({
          heading,
          exitCode: 0,
          stderr: "",
          statuses: [429, name === "initial-state" ? 204 : 200],
        });
        expect(others).toEqual([]);
        expect(refused.retryAfterMs).toBeGreaterThan(0);
        expect(admitted.at - refused.at).toBeGreaterThanOrEqual(refused.retryAfterMs);
        expect(stdout).toMatch(/^20[04]\b/);
      }
    });
  },
);

describe.each(SYSTEMS.filter(({ name }) => name in OTHER_PAGES))(
  "the other samples in the pages of $name",
  (system) => {
    test("make the requests that they are about", async () => {
      const { name, variable, prepare } = system;
      const gate = await serve(policyFile(name));
      const key = await issueKey(gate);
      await prepare?.(gate, key);
      const witness = await startWitness(gate.url);
      const text = (await readFile(policyFile(name), "utf8")).replace(/base-url: .*/, `base-url: ${witness.url}`);
      const { pages } = writeHandbook(loadPolicy(text).policy as Policy);
      const samples = (OTHER_PAGES[name] ?? []).flatMap((page) =>
        blocksOf(pages.find((found) => found.name === page)?.markdown ?? ""),
      );
      for (const [i, { language, code }] of samples.entries()) {
        const { command, isThere, file } = LANGUAGES.find((known) => known.fence === language) as (typeof LANGUAGES)[0];
        if (!isThere) continue;
        const cwd = join(await temporaryFolder(), String(i));
        await mkdir(cwd);
        await writeFile(join(cwd, file), code);
        const environment = { [variable]: key.secret };
        const { exitCode, stderr } = await startProgram(command, [file], { cwd: pathToFileURL(`${cwd}/`), environment })
          .finished;
        const [attempt] = witness.attempts.splice(0);
        expect({ code, exitCode, stderr: language === "sh" ? "" : stderr, status: attempt?.status }).toMatchObject({
          exitCode: 0,
          stderr: "",
          status: expect.toSatisfy((status: number) => status >= 200 && status < 300),
        });
      }
    });
  },
);

test.runIf(hasCurl)("the sample that asks for a token gets one", async () => {
  const gate = await serve(policyFile("measurabl"));
  const { id, secret } = await issueKey(gate);
  const text = (await readFile(policyFile("measurabl"), "utf8")).replace(/base-url: .*/, `base-url: ${gate.url}`);
  const page = writeHandbook(loadPolicy(text).policy as Policy).pages.find(({ name }) => name === "index");
  const [sample] = blocksOf(page?.markdown ?? "");
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, "sample.sh"), sample?.code ?? "");
  const environment = { KEY_ID: id, KEY: secret };
  const run = startProgram("bash", ["sample.sh"], { cwd: pathToFileURL(`${cwd}/`), environment });
  expect(JSON.parse((await run.finished).stdout)).toMatchObject({ access_token: expect.any(String) });
});

test("the samples that cache ask with the ETag, and take a 304 for what they have", async () => {
  const gate = await serve(policyFile("logproof"));
  const key = await issueKey(gate);
  const witness = await startWitness(gate.url);
  const text = (await readFile(policyFile("logproof"), "utf8")).replace(/base-url: .*/, `base-url: ${witness.url}`);
  const page = writeHandbook(loadPolicy(text).policy as Policy).pages.find(({ name }) => name === "caching");
  for (const { language, code } of blocksOf(page?.markdown ?? "").filter(({ language }) => language !== "sh")) {
    const { command, isThere, file } = LANGUAGES.find((known) => known.fence === language) as (typeof LANGUAGES)[0];
    if (!isThere) continue;
    const twice =
      language === "js"
        ? `const url = "${witness.url}/v1/events";\nconsole.log(JSON.stringify(await read(url)) === JSON.stringify(await read(url)));`
        : "print(read() == read())";
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, file), `${code.replace(/FRESH_(MS|S) = [\d_]+/, "FRESH_$1 = 0")}\n${twice}\n`);
    const environment = { API_KEY: key.secret };
    const { stdout, stderr } = await startProgram(command, [file], { cwd: pathToFileURL(`${cwd}/`), environment })
      .finished;
    expect({ stdout: stdout.trim().toLowerCase(), stderr }).toEqual({ stdout: "true", stderr: "" });
    expect(witness.attempts.splice(0).map(({ status }) => status)).toEqual([200, 304]);
  }
});

test("the samples that watch say so once less than a tenth is left, and nothing before", async () => {
  const text = (await readFile(policyFile("logproof"), "utf8")).replace(
    /quota: 100\n(\s+)window: 1m/,
    "quota: 20\n$1window: 1h",
  );
  const file = join(await temporaryFolder(), "policy.yaml");
  await writeFile(file, text);
  const gate = await serve(file);
  const key = await issueKey(gate);
  const { policy } = loadPolicy(text.replace(/base-url: .*/, `base-url: ${gate.url}`));
  const page = writeHandbook(policy as Policy).pages.find(({ name }) => name === "handling")?.markdown ?? "";
  const samples = blocksOf(page.slice(page.indexOf("## Slow down before"), page.indexOf("## Spread")));
  expect(samples.map(({ language }) => language)).toEqual(["sh", "js", "python"]);

  const outputs = async (): Promise<string[]> => {
    const said: string[] = [];
    for (const { language, code } of samples) {
      const { command, isThere, file } = LANGUAGES.find((known) => known.fence === language) as (typeof LANGUAGES)[0];
      if (!isThere) continue;
      const cwd = await temporaryFolder();
      await writeFile(join(cwd, file), code);
      const environment = { API_KEY: key.secret };
      const { stdout, stderr } = await startProgram(command, [file], { cwd: pathToFileURL(`${cwd}/`), environment })
        .finished;
      said.push(...`${stdout}${stderr}`.split(/\r?\n/).filter((line) => line !== ""));
    }
    return said;
  };

  const early = await outputs();
  expect(early.filter((line) => !/^x-ratelimit-(limit: 20|remaining: 1[789])$/i.test(line))).toEqual([]);
  for (let i = 0; i < 16; i++) await (await fetch(`${gate.url}/v1/events`, { headers: bearer(key) })).arrayBuffer();
  const late = await outputs();
  expect(late.filter((line) => /^only [01] of 20 requests are left$/.test(line))).toHaveLength(
    LANGUAGES.filter(({ fence, isThere }) => isThere && (fence === "js" || fence === "python")).length,
  );
});

/** The blocks of code of a page, but for what is answered. */
function blocksOf(markdown: string): { language: string; code: string }[] {
  return [...markdown.matchAll(/^```(sh|js|python)\n([\s\S]*?)\n```$/gm)].map(([, language = "", code = ""]) => ({
    language,
    code,
  }));
}

/** Makes requests like the example until one is refused. */
async function spend({ url }: Served, { docs, callers }: Policy, key: Issued): Promise<void> {
  const { method = "GET", path = "/v1/events" } = docs.example ?? {};
  const header = callers.sections.get("api-key")?.header;
  const headers = header === undefined ? bearer(key) : { [header]: key.secret };
  for (let i = 0; i < 5; i++) {
    const response = await fetch(url + path, { method, headers });
    await response.arrayBuffer();
    if (response.status === 429) return;
  }
  throw new Error("the example request was never refused");
}

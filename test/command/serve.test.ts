import { once } from "node:events";
import { copyFile, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bearer, issueKey } from "../systems/admin.ts";
import { policyFile, rateLimit, repeat, serve, startUpstream } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { headgate, headgateWith } from "./headgate.ts";

/** A policy of its own that a test may edit. */
async function copyOf(name: string): Promise<{ file: string; edit(change: (text: string) => string): Promise<void> }> {
  const file = join(await temporaryFolder(), "policy.yaml");
  await copyFile(policyFile(name), file);
  return { file, edit: async (change) => writeFile(file, change(await readFile(file, "utf8"))) };
}

test("an edit takes effect under load with no failed request and no lost count", async () => {
  const upstream = await startUpstream();
  const { file, edit } = await copyOf("prolifi");
  // More than can be used up before the edit is seen.
  await edit((text) => text.replace("quota: 1000\n", "quota: 1000000\n"));
  const served = await serve(file, upstream.url);
  const { url } = served;
  const headers = bearer(await issueKey(served));
  const statuses = new Set<number>();
  let limit: string | null = "1000000";
  let calls = 0;
  let isEdited = false;

  const caller = async (): Promise<void> => {
    while (limit === "1000000") {
      calls += 1;
      const response = await fetch(url, { headers });
      await response.arrayBuffer();
      statuses.add(response.status);
      limit = rateLimit(response).limit;
      if (calls < 50 || isEdited) continue;
      isEdited = true;
      await edit((text) => text.replace("quota: 1000000\n", "quota: 2000000\n"));
    }
  };
  await Promise.all(Array.from({ length: 4 }, caller));

  expect([...statuses]).toEqual([200]);
  const after = rateLimit(await fetch(url, { headers }));
  expect(after).toMatchObject({ limit: "2000000", remaining: String(2_000_000 - calls - 1) });
});

test("a broken edit changes nothing, and is reported with its place", async () => {
  const upstream = await startUpstream();
  const { file, edit } = await copyOf("prolifi");
  const served = await serve(file, upstream.url);
  const headers = bearer(await issueKey(served));
  await fetch(served.url, { headers });

  await edit((text) => text.replace("quota: 1000\n", "quota: many\n"));
  await expect.poll(() => served.log(), { timeout: 5000 }).toContain("policy-refused");
  expect(served.log()).toMatch(/"line":\d+/);
  expect(rateLimit(await fetch(served.url, { headers }))).toMatchObject({ limit: "1000", remaining: "998" });
});

test("an edit right after the start is not missed", async () => {
  const upstream = await startUpstream();
  const { file, edit } = await copyOf("prolifi");
  const served = await serve(file, upstream.url);
  await edit((text) => text.replace("quota: 1000\n", "quota: 2000\n"));
  const headers = bearer(await issueKey(served));
  const limit = async (): Promise<string | null> => rateLimit(await fetch(served.url, { headers })).limit;
  await expect.poll(limit, { timeout: 5000 }).toBe("2000");
});

test("an edit that replaces the file, as editors do, takes effect, and so does the next", async () => {
  const upstream = await startUpstream();
  const { file } = await copyOf("prolifi");
  const served = await serve(file, upstream.url);
  const headers = bearer(await issueKey(served));
  const limit = async (): Promise<string | null> => rateLimit(await fetch(served.url, { headers })).limit;
  const text = await readFile(file, "utf8");
  for (const quota of ["2000", "3000"]) {
    await writeFile(`${file}.new`, text.replace("quota: 1000\n", `quota: ${quota}\n`));
    await rename(`${file}.new`, file);
    await expect.poll(limit, { timeout: 5000 }).toBe(quota);
  }
});

test("a policy file that is gone is reported once, and so is that it is back; what was in force stays", async () => {
  const upstream = await startUpstream();
  const { file } = await copyOf("default");
  const text = await readFile(file, "utf8");
  const served = await serve(file, upstream.url);
  await rm(file);
  await expect.poll(() => served.log(), { timeout: 5000 }).toContain("policy-missing");
  expect((await fetch(served.url)).headers.has("ratelimit")).toBe(true);
  await writeFile(file, text);
  await expect.poll(() => served.log(), { timeout: 5000 }).toContain("policy-back");
  expect(served.log().match(/policy-missing/g)).toHaveLength(1);
  expect(served.log()).not.toContain("policy-refused");
});

test("SIGHUP reads the policy again", async () => {
  const upstream = await startUpstream();
  const served = await serve(policyFile("default"), upstream.url);
  process.kill(served.pid, "SIGHUP");
  await expect.poll(() => served.log(), { timeout: 5000 }).toContain("policy-reloaded");
});

test("SIGTERM lets the request in flight finish, takes no new one, and exits 0", async () => {
  const waiting = Promise.withResolvers<ServerResponse>();
  const upstream = await startUpstream((_, response) => waiting.resolve(response));
  const served = await serve(policyFile("default"), upstream.url);
  const inFlight = fetch(`${served.url}/v1/slow`);
  const response = await waiting.promise;

  process.kill(served.pid, "SIGTERM");
  await expect.poll(() => served.log(), { timeout: 5000 }).toContain("draining");
  await expect.poll(() => fetch(served.url).catch(() => "refused"), { timeout: 5000 }).toBe("refused");
  response.end("done");
  expect(await (await inFlight).text()).toBe("done");
  expect(await served.exited).toBe(0);
});

test("the admin port says that it is alive and ready", async () => {
  const upstream = await startUpstream();
  const { adminUrl } = await serve(policyFile("default"), upstream.url);
  const health = await fetch(`${adminUrl}/healthz`);
  expect(health.status).toBe(200);
  expect(await health.json()).toEqual({ status: "ok" });
  expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200);
  expect((await fetch(`${adminUrl}/nothing`)).status).toBe(404);
});

test("a policy whose upstream is built in is served without another", async () => {
  const { url } = await serve(policyFile("logproof"));
  const { info } = (await (await fetch(`${url}/openapi.json`)).json()) as { info: object };
  expect(info).toMatchObject({ title: expect.any(String) });
});

test("a policy with faults starts nothing", async () => {
  const { file, edit } = await copyOf("default");
  await edit((text) => `${text}\nlimitz: []\n`);
  const { exitCode, stderr } = await headgate("serve", file, "--port", "0", "--admin-port", "0");
  expect(stderr).toMatch(/policy\.yaml:\d+:\d+ HG_POLICY_/);
  expect(stderr).toContain("HG_POLICY_REFUSED");
  expect(exitCode).toBe(2);
});

test("a port that is taken is said to be so, and nothing is left listening", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const data = await temporaryFolder();
  const { exitCode, stderr } = await headgate("serve", "--port", "0", "--admin-port", String(port), "--data", data);
  expect(stderr).toMatch(/HG_LISTEN .*--admin-port/);
  expect(exitCode).toBe(2);
  const left = await readdir(data);
  expect(left).not.toContain("server.json");
  expect(left).not.toContain("admin-token");
});

test("one port for callers and for the admin API is said to be that", async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const port = String((free.address() as AddressInfo).port);
  free.close();
  await once(free, "close");
  const data = await temporaryFolder();
  const { exitCode, stderr } = await headgate("serve", "--port", port, "--admin-port", port, "--data", data);
  expect(stderr).toMatch(/HG_LISTEN .*callers connect there already/);
  expect(exitCode).toBe(2);
});

test("a level of logging that there is not is refused with those that there are", async () => {
  const args = ["serve", "--port", "0", "--admin-port", "0", "--data", await temporaryFolder()];
  const { exitCode, stderr } = await headgateWith({ LOG_LEVEL: "loud" }, ...args);
  expect(stderr).toMatch(/HG_LOG_LEVEL .*"loud".* debug, info, warn/);
  expect(exitCode).toBe(2);
});

test.each([
  [["--host", "192.0.2.1"], /HG_LISTEN cannot listen on 192\.0\.2\.1: .*no such address/],
  [["--data", "/proc/headgate"], /HG_STORAGE_FOLDER \/proc\/headgate .*--data/],
  [["--port", "abc"], /HG_USAGE .*--port/],
  [["--upstream", "http://user:secret@127.0.0.1"], /HG_USAGE .*--upstream/],
])("%j is refused with a code and what to do", async (args, message) => {
  const { exitCode, stderr } = await headgate(
    ...["serve", "--port", "0", "--admin-port", "0", "--data", await temporaryFolder()],
    ...args,
  );
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
});

test("without a policy file the default one is served", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(undefined, upstream.url);
  const refused = await repeat(11, () => fetch(`${url}/v1/events`));
  expect(refused.status).toBe(429);
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
  expect(refused.headers.get("ratelimit")).toMatch(/^"per-address";r=0;t=\d+/);
  expect(await refused.json()).toMatchObject({
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
    status: 429,
    "violated-policies": ["per-address"],
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { policyFile, serve, startUpstream } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { headgate, headgateWith } from "./headgate.ts";
import { onFolder } from "./on-folder.ts";

const TOKEN = "a-token-of-the-environment";
const ports = ["--port", "0", "--admin-port", "0"];

/** Something on this machine that is no Headgate, and notes what it is asked. */
async function stranger(status = 200, body = '{"status":"up"}'): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(JSON.stringify(request.headers));
    response.writeHead(status).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("the admin token is made and printed at the first start only, and kept for its owner's eyes", async () => {
  const upstream = await startUpstream();
  const first = await serve(policyFile("default"), upstream.url);
  const file = join(first.data, "admin-token");
  expect(first.adminToken).toMatch(/^hg_admin_.{43}$/);
  expect(await readFile(file, "utf8")).toBe(`${first.adminToken}\n`);
  for (const name of ["admin-token", "server.json"]) {
    expect((await stat(join(first.data, name))).mode & 0o777, name).toBe(0o600);
  }
  expect(first.log()).not.toContain(first.adminToken);

  process.kill(first.pid, "SIGTERM");
  expect(await first.exited).toBe(0);
  const second = await serve(policyFile("default"), upstream.url, { data: first.data });
  expect(second.adminToken).toBeUndefined();
  expect(await readFile(file, "utf8")).toBe(`${first.adminToken}\n`);
});

test("a server is found on whatever port, through its note in the data folder", async () => {
  const upstream = await startUpstream();
  const { data, adminUrl, pid, exited } = await serve(policyFile("initial-state"), upstream.url);
  expect(JSON.parse(await readFile(join(data, "server.json"), "utf8"))).toEqual({
    pid: expect.any(Number),
    admin: adminUrl,
  });
  const { json } = await onFolder(data);
  await json("accounts", "create", "A");
  const { items } = await json<{ items: { actor: string }[] }>("audit");
  expect(items).toMatchObject([{ actor: "admin" }]);

  process.kill(pid, "SIGTERM");
  expect(await exited).toBe(0);
  await expect(stat(join(data, "server.json"))).rejects.toThrow("ENOENT");
  await json("accounts", "create", "B");
  const { items: after } = await json<{ items: { actor: string }[] }>("audit");
  expect(after).toMatchObject([{ actor: "command" }, { actor: "admin" }]);
});

test("the token of the environment goes before the folder's; a wrong one is refused", async () => {
  const upstream = await startUpstream();
  const environment = { HEADGATE_ADMIN_TOKEN: TOKEN };
  const { data, adminToken } = await serve(policyFile("default"), upstream.url, { environment });
  expect(adminToken).toBeUndefined();
  expect(await (await onFolder(data, environment)).quiet("accounts", "create", "A")).toHaveLength(1);

  const unknown = await (await onFolder(data)).run("accounts", "list");
  expect(unknown.stderr).toMatch(/HG_ADMIN_TOKEN_MISSING .*HEADGATE_ADMIN_TOKEN/);
  expect(unknown.exitCode).toBe(2);
  const wrong = await (await onFolder(data, { HEADGATE_ADMIN_TOKEN: `${TOKEN}-not` })).run("accounts", "list");
  expect(wrong.stderr).toMatch(/^headgate: HG_ADMIN_TOKEN the token in HEADGATE_ADMIN_TOKEN is not that of the server/);
  expect(wrong.exitCode).toBe(1);
});

test("a short token is taken, and the log warns of it", async () => {
  const upstream = await startUpstream();
  const served = await serve(undefined, upstream.url, { environment: { HEADGATE_ADMIN_TOKEN: "short" } });
  expect(served.log()).toContain("admin-token-weak");
  const { status } = await fetch(`${served.adminUrl}/admin/v1/accounts`, {
    headers: { authorization: "Bearer short" },
  });
  expect(status).toBe(200);
});

test.each(["with a blank in its midst", "sixteen-or-more-é"])("a token such as %j is refused", async (token) => {
  const data = await temporaryFolder();
  const { exitCode, stderr } = await headgateWith({ HEADGATE_ADMIN_TOKEN: token }, "serve", ...ports, "--data", data);
  expect(stderr).toMatch(/HG_ADMIN_TOKEN_INVALID HEADGATE_ADMIN_TOKEN .*without blanks/);
  expect(stderr).not.toContain(token);
  expect(exitCode).toBe(2);
});

test("--admin-url asks that server and no other", async () => {
  const upstream = await startUpstream();
  const served = await serve(policyFile("initial-state"), upstream.url);
  const environment = { HEADGATE_ADMIN_TOKEN: served.adminToken };
  const elsewhere = await onFolder(undefined, environment);
  await elsewhere.json("accounts", "create", "A", "--admin-url", served.adminUrl);
  expect(await (await onFolder(served.data)).quiet("accounts", "list")).toHaveLength(1);

  process.kill(served.pid, "SIGTERM");
  await served.exited;
  const { exitCode, stderr } = await elsewhere.run("accounts", "list", "--admin-url", served.adminUrl);
  expect(stderr).toMatch(/HG_ADMIN_UNREACHABLE .*ECONNREFUSED/);
  expect(exitCode).toBe(2);
});

test("a note that a dead server left behind is no server, and gets no token", async () => {
  const { url, asked } = await stranger();
  const { folder, quiet } = await onFolder();
  await quiet("accounts", "create", "A");
  await writeFile(join(folder, "admin-token"), `${TOKEN}\n`);
  for (const pid of [process.pid, 2 ** 30]) {
    await writeFile(join(folder, "server.json"), JSON.stringify({ pid, admin: url }));
    expect(await quiet("accounts", "list")).toHaveLength(1);
  }
  expect(asked.join()).not.toContain(TOKEN);
});

test("a second server on the same folder says so, and listens nowhere", async () => {
  const upstream = await startUpstream();
  const first = await serve(policyFile("default"), upstream.url);
  const { exitCode, stdout, stderr } = await headgate("serve", ...ports, "--data", first.data);
  expect(stderr).toMatch(/^headgate: HG_STORAGE_IN_USE /m);
  expect(stdout).toBe("");
  expect(exitCode).toBe(2);
  expect((await fetch(`${first.adminUrl}/readyz`)).status).toBe(200);
  expect(await (await onFolder(first.data)).quiet("accounts", "create", "A")).toHaveLength(1);
});

test("a server that cannot be reached is named, and how to reach it", async () => {
  const upstream = await startUpstream();
  const { data } = await serve(policyFile("default"), upstream.url);
  await writeFile(join(data, "server.json"), "{}");
  const { exitCode, stderr } = await (await onFolder(data)).run("accounts", "list");
  expect(stderr).toMatch(/HG_STORAGE_IN_USE .*--admin-url/);
  expect(exitCode).toBe(2);
});

test("a server that was killed leaves a folder that opens again, with all that was answered", async () => {
  const upstream = await startUpstream();
  const first = await serve(policyFile("initial-state"), upstream.url);
  const { json, quiet } = await onFolder(first.data);
  const { secret, id } = await json<{ secret: string; id: string }>("keys", "create");
  process.kill(first.pid, "SIGKILL");
  await first.exited;

  expect(secret).toMatch(/^hg_sk_/);
  expect(await quiet("keys", "list")).toEqual([id]);
  expect(await json("audit", "verify")).toMatchObject({ valid: true, entries: 2 });
  const second = await serve(policyFile("initial-state"), upstream.url, { data: first.data });
  expect(second.adminToken).toBeUndefined();
  expect(await quiet("keys", "list")).toEqual([id]);
});

test("a damaged database is refused before anything listens", async () => {
  const data = await temporaryFolder();
  await writeFile(join(data, "headgate.db"), "this is no database".repeat(100));
  const { exitCode, stdout, stderr } = await headgate("serve", ...ports, "--data", data);
  expect(stderr).toMatch(/^headgate: HG_STORAGE_CORRUPT /m);
  expect(stdout).toBe("");
  expect(exitCode).toBe(2);
});

test("a token that cannot be read or kept is named, and nothing starts", async () => {
  for (const obstacle of [(file: string) => mkdir(file), (file: string) => symlink("/nowhere/at/all", file)]) {
    const data = await temporaryFolder();
    await obstacle(join(data, "admin-token"));
    const { exitCode, stderr } = await headgate("serve", ...ports, "--data", data);
    expect(stderr).toMatch(/HG_STORAGE_FOLDER .*admin-token cannot be used: /);
    expect(exitCode).toBe(2);
  }
});

test.each([
  ["a page", 200, "<html>hello</html>"],
  ["another's JSON", 200, '{"data":[]}'],
  ["null", 500, "null"],
  ["another's problem", 500, '{"code":"E1","errors":5}'],
])("%s from what is no Headgate is told in words", async (_what, status, body) => {
  const { url } = await stranger(status, body);
  const { run } = await onFolder(undefined, { HEADGATE_ADMIN_TOKEN: TOKEN });
  const { exitCode, stderr } = await run("keys", "list", "--admin-url", url);
  expect(stderr).toMatch(/^headgate: HG_ADMIN_UNREACHABLE what answered.* is no Headgate's admin API\n$/);
  expect(exitCode).toBe(2);
});

// `fetch` does not go there, and says so in the cause alone.
test("a port that cannot be asked is told with the reason", async () => {
  const { run } = await onFolder(undefined, { HEADGATE_ADMIN_TOKEN: TOKEN });
  const { stderr } = await run("keys", "list", "--admin-url", "http://127.0.0.1:9");
  expect(stderr).toBe("headgate: HG_ADMIN_UNREACHABLE no admin API answers at http://127.0.0.1:9 (bad port)\n");
});

test("an answer that breaks off is told in words", async () => {
  const { url } = await startUpstream((_, response) => {
    response.writeHead(200, { "content-length": 100 }).write("{", () => response.destroy());
  });
  const { run } = await onFolder(undefined, { HEADGATE_ADMIN_TOKEN: TOKEN });
  const { exitCode, stderr } = await run("keys", "list", "--admin-url", url);
  expect(stderr).toMatch(/^headgate: HG_ADMIN_UNREACHABLE .*\n$/);
  expect(exitCode).toBe(2);
});

test("a folder's token is not shown to whoever listens at the usual port", async ({ skip }) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(JSON.stringify(request.headers));
    response.end('{"status":"ok"}');
  }).listen(8081, "127.0.0.1");
  const isFree = await once(server, "listening").catch(() => undefined);
  if (!isFree) skip("port 8081 is taken on this machine");
  onTestFinished(() => void server.close());
  const folder = await temporaryFolder();
  await writeFile(join(folder, "admin-token"), `${TOKEN}\n`);
  const { quiet } = await onFolder(folder);
  await quiet("accounts", "create", "A");
  expect(await quiet("accounts", "list")).toHaveLength(1);
  expect(asked.join()).not.toContain(TOKEN);
});

// Such a key would be of no use to the server: the folder is made where the command happens to be run.
test("no key is made beside a server on 8081 that asks for a token nobody has told", async ({ skip }) => {
  const server = createServer((_request, response) => response.end('{"status":"ok"}')).listen(8081, "127.0.0.1");
  const isFree = await once(server, "listening").catch(() => undefined);
  if (!isFree) skip("port 8081 is taken on this machine");
  onTestFinished(() => void server.close());
  const folder = await temporaryFolder();
  const bin = fileURLToPath(new URL("../../node_modules/.bin/headgate", import.meta.url));
  const env = { ...process.env, DATABASE_URL: "", HEADGATE_ADMIN_TOKEN: "" };
  const child = spawn(bin, ["keys", "create"], { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
  const stderr = text(child.stderr);
  expect((await once(child, "exit"))[0]).toBe(2);
  expect(await stderr).toMatch(/HG_ADMIN_TOKEN_MISSING .*; for records apart from that server's, say --data/);
  expect(await readdir(folder)).toEqual([]);
});

test("whoever reads an answer may stop before its end", async () => {
  const { folder, quiet } = await onFolder();
  await quiet("accounts", "create", "A");
  const bin = fileURLToPath(new URL("../../node_modules/.bin/headgate", import.meta.url));
  const env = { ...process.env, DATABASE_URL: "", HEADGATE_ADMIN_TOKEN: "" };
  const child = spawn(bin, ["audit", "--data", folder], { env, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const stderr = text(child.stderr);
  expect((await once(child, "exit"))[0]).toBe(0);
  expect(await stderr).toBe("");
});

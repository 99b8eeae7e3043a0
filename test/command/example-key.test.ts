import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { canRun, startProgram } from "../program.ts";
import { policyFile, rateLimit, type Served, serve } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { onFolder } from "./on-folder.ts";

const hasCurl = canRun("curl", ["--version"], "the test of the curl line that `serve` prints is skipped: install curl");

async function end({ pid, exited }: Served): Promise<void> {
  process.kill(pid, "SIGTERM");
  expect(await exited).toBe(0);
}

/** Sends the event of the curl line that is printed at the start. */
function sendEvent({ url, exampleKey }: Served): Promise<Response> {
  return fetch(`${url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${exampleKey}`, "content-type": "application/json" },
    body: JSON.stringify({ type: "user.login", actor: { id: "user_123" } }),
  });
}

test("the default policy comes with a key that works, and that is kept for its owner's eyes", async () => {
  const served = await serve(undefined);
  const response = await sendEvent(served);
  expect(response.status).toBe(200);
  expect(rateLimit(response)).toMatchObject({ limit: "100", remaining: "99" });
  expect(await response.json()).toMatchObject({ id: expect.stringMatching(/^evt_/), type: "user.login" });

  const file = join(served.data, "example-key");
  expect(await readFile(file, "utf8")).toBe(`${served.exampleKey}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(served.log()).not.toContain(served.exampleKey);
});

test.skipIf(!hasCurl)("the curl line that is printed keeps an event as it stands there", async () => {
  const bin = fileURLToPath(new URL("../../node_modules/.bin/headgate", import.meta.url));
  const args = ["serve", "--port", "0", "--admin-port", "0", "--data", await temporaryFolder()];
  const environment = { NO_COLOR: "1", DATABASE_URL: "", HEADGATE_ADMIN_TOKEN: "" };
  const served = startProgram(bin, args, { environment });
  await expect.poll(() => served.output(), { timeout: 15_000 }).toMatch(/Try it: .*\n/);
  const [, line = ""] = /Try it: (.*)/.exec(served.output()) ?? [];
  const { stdout } = await startProgram("bash", ["-c", line]).finished;
  expect(stdout).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(stdout).toMatch(/"id":"evt_/);
});

test("the key stays the same over restarts, and a new one is made when it was revoked", {
  timeout: 60_000,
}, async () => {
  const first = await serve(undefined);
  await sendEvent(first);
  await end(first);
  const second = await serve(undefined, undefined, { data: first.data });
  expect(second.exampleKey).toBe(first.exampleKey);
  expect((await sendEvent(second)).status).toBe(200);

  const { quiet, json } = await onFolder(first.data);
  const [id = ""] = await quiet("keys", "list", "--account", "example");
  await json("keys", "revoke", id);
  await end(second);
  const third = await serve(undefined, undefined, { data: first.data });
  expect(third.exampleKey).not.toBe(first.exampleKey);
  expect((await sendEvent(third)).status).toBe(200);
  expect(await quiet("accounts", "list")).toHaveLength(1);
});

test("no key is made for a policy that is somebody's own", async () => {
  const served = await serve(policyFile("logproof"));
  expect(served.exampleKey).toBeUndefined();
  const { quiet } = await onFolder(served.data);
  expect(await quiet("keys", "list")).toEqual([]);
});

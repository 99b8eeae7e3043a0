import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { readPolicy } from "../../packages/headgate/src/policy-file.ts";
import { type Serving, startServing } from "../../packages/headgate/src/serving.ts";
import { policyFile, startUpstream } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

async function start(upstreamUrl: string): Promise<Serving> {
  const read = await readPolicy(policyFile("default"));
  const { policy } = read;
  if (!policy) throw new Error("the default policy has faults");
  return startServing({
    ...read,
    policy,
    port: 0,
    host: "127.0.0.1",
    adminPort: 0,
    upstream: new URL(upstreamUrl),
    data: { folder: await temporaryFolder(), databaseUrl: undefined },
    clock: Date.now,
    log: { info() {}, warn() {}, error() {} },
  });
}

test("a response that never ends is cut off when the time to drain is over", async () => {
  const upstream = await startUpstream((_, response) => response.write("first"));
  const serving = await start(upstream.url);
  const response = await fetch(`${serving.gatewayUrl}/v1/clock`);
  expect(response.status).toBe(200);
  expect(await serving.drain(50)).toBe(false);
  await expect(response.text()).rejects.toThrow();
});

test("a change that the admin API has begun to take is answered before it closes", async () => {
  const { adminUrl, adminToken, drain } = await start((await startUpstream()).url);
  const { port } = new URL(adminUrl);
  const socket = connect({ port: Number(port), host: "127.0.0.1" }).setEncoding("utf8");
  const body = '{"name":"late"}';
  socket.write(`POST /admin/v1/accounts HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${adminToken.secret}\r\n`);
  socket.write(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`);
  expect((await once(socket, "data"))[0]).toContain("100 Continue");

  const drained = drain(1000);
  await expect.poll(() => fetch(adminUrl).catch(() => "refused"), { timeout: 5000 }).toBe("refused");
  socket.write(body);
  expect((await once(socket, "data"))[0]).toContain("201 Created");
  expect(await drained).toBe(true);
});

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { bundleOf } from "./bundle.ts";
import { onPath } from "./on-path.ts";

/** A Node of this machine that is older than the one that runs this. */
const olderNode = ["/usr/bin/node", "/usr/local/bin/node"].find((node) => {
  const { stdout } = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" });
  return stdout && Number.parseInt(stdout, 10) >= 20 && Number.parseInt(stdout, 10) < 24;
});

const RUNTIMES = [
  { name: "an older Node", command: olderNode, args: ["--input-type=module"] },
  { name: "Deno", command: onPath("deno"), args: ["run", "--quiet", "--allow-all", "-"] },
  { name: "Bun", command: onPath("bun"), args: ["run", "-"] },
];
for (const { name, command } of RUNTIMES) {
  if (!command) console.warn(`Whether the client runs on ${name} is not tested: it is not installed.`);
}

const CLIENT = `
import { Batcher, jsonList, sendJson } from "./batch/index.ts";
import { ResponseCache } from "./cache/index.ts";
import { obey } from "./index.ts";
import { verifyWebhook } from "./webhooks/index.ts";
Object.assign(globalThis, { Batcher, ResponseCache, jsonList, obey, sendJson, verifyWebhook });
`;

const SCRIPT = `
import { createServer } from "node:http";
let requests = 0;
let drops = 0;
const server = createServer((request, response) => {
  if (request.url === "/dropped" && ++drops === 1) return request.socket.destroy();
  const isRefused = ++requests === 1;
  response.writeHead(isRefused ? 429 : 200, isRefused ? { "retry-after-ms": "20" } : { etag: '"1"' }).end("fine");
}).listen(0, "127.0.0.1", async () => {
  const api = obey(fetch, { cache: new ResponseCache(), idempotencyKeys: true });
  const url = "http://127.0.0.1:" + server.address().port + "/";
  const get = await api(url);
  const post = await api(url, { method: "POST", body: "x" });
  const batcher = new Batcher({ send: sendJson(api, url), maxAgeMs: 1 });
  await (await batcher.add({ any: 1 })).delivered;
  const forged = await verifyWebhook(new Request(url, { method: "POST", body: "{}" }), "whsec_" + "A".repeat(32)).catch(
    (error) => error.code,
  );
  const dropped = await obey(fetch, { backoff: { firstMs: 10 } })(url + "dropped");
  console.log(await get.text(), await post.text(), await dropped.text(), requests, forged);
  process.exit(0);
});`;

describe.each(RUNTIMES)("on $name", ({ command, args }) => {
  test.skipIf(!command)("it obeys, repeats what was dropped, keeps, batches and verifies", async () => {
    const input = (await bundleOf(CLIENT)) + SCRIPT;
    const { stdout, stderr } = spawnSync(command as string, args, { input, encoding: "utf8", timeout: 30_000 });
    expect([stdout.trim(), stderr]).toEqual(["fine fine fine 5 HG_WEBHOOK_UNSIGNED", ""]);
  });
});

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { bundleOf } from "./bundle.ts";

const NODES = ["/usr/bin/node", "/usr/local/bin/node"];

/** A Node of this machine that is older than the one that runs this. */
const older = NODES.find((node) => {
  const { stdout } = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" });
  return stdout && Number.parseInt(stdout, 10) >= 20 && Number.parseInt(stdout, 10) < 24;
});
if (!older) console.warn("No Node 20 or 22 is installed: whether the client runs on them is not tested.");

const SCRIPT = `
import { createServer } from "node:http";
let requests = 0;
const server = createServer((_, response) => {
  const isRefused = ++requests === 1;
  response.writeHead(isRefused ? 429 : 200, isRefused ? { "retry-after-ms": "20" } : { etag: '"1"' }).end("fine");
}).listen(0, "127.0.0.1", async () => {
  const api = obey(fetch, { cache: new ResponseCache(), idempotencyKeys: true });
  const url = "http://127.0.0.1:" + server.address().port + "/";
  const get = await api(url);
  const post = await api(url, { method: "POST", body: "x" });
  console.log(await get.text(), await post.text(), requests);
  process.exit(0);
});`;

test.skipIf(!older)("it runs on an older Node, too", async () => {
  const bundle = await bundleOf(
    'import { ResponseCache } from "./cache/index.ts"; import { obey } from "./index.ts"; Object.assign(globalThis, { obey, ResponseCache });',
  );
  const { stdout, stderr } = spawnSync(older as string, ["--input-type=module"], {
    input: bundle + SCRIPT,
    encoding: "utf8",
    timeout: 30_000,
  });
  expect([stdout.trim(), stderr]).toEqual(["fine fine 3", ""]);
});

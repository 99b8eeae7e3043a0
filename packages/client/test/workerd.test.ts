import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { bundleOf } from "./bundle.ts";
import { onPath } from "./on-path.ts";

const workerd = onPath("workerd");
if (!workerd) console.warn("Whether the client runs on Cloudflare's workers is not tested: workerd is not installed.");

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2025-01-01",
    )),
    (name = "internet", network = (allow = ["private", "public"])),
  ],
  sockets = [(name = "http", http = (), service = "worker")],
);`;

/** One client for all requests of the isolate. */
const WORKER = `
const api = obey(fetch);
export default {
  fetch: async (request) => {
    const target = new URL(request.url).searchParams.get("target");
    return new Response(await api(target).then((response) => response.text(), String));
  },
};`;

async function listen(listener: RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}/`, close };
}

/** Runs the worker until the test ends. */
async function startWorker(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-workerd-"));
  const bundle = await bundleOf('import { obey } from "./index.ts"; globalThis.obey = obey;');
  await writeFile(join(folder, "worker.js"), bundle + WORKER);
  await writeFile(join(folder, "config.capnp"), CONFIG);
  const free = await listen(() => {});
  await free.close();
  const { host } = new URL(free.url);
  const running = spawn(workerd as string, ["serve", join(folder, "config.capnp"), `--socket-addr=http=${host}`]);
  onTestFinished(async () => {
    running.kill();
    await rm(folder, { recursive: true });
  });
  await vi.waitUntil(
    () =>
      fetch(free.url).then(
        () => true,
        () => false,
      ),
    { timeout: 10_000 },
  );
  return free.url;
}

test.skipIf(!workerd)(
  "requests of one isolate wait at one gate, each in its own time, and in order",
  { timeout: 30_000 },
  async () => {
    const asked: (string | undefined)[] = [];
    const api = await listen(({ url }, response) => {
      const isFirst = asked.push(url) === 1;
      response.writeHead(isFirst ? 429 : 200, isFirst ? { "retry-after-ms": "400" } : {}).end("fine");
    });
    onTestFinished(api.close);
    const worker = await startWorker();
    const answers = ["a", "b", "c", "d"].map(async (name, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 50));
      const response = await fetch(`${worker}?target=${api.url}${name}`);
      return response.text();
    });
    expect(await Promise.all(answers)).toEqual(["fine", "fine", "fine", "fine"]);
    expect(asked).toEqual(["/a", "/a", "/b", "/c", "/d"]);
  },
);

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { loadPolicy, type Policy } from "@headgate/policy";
import { startServing } from "headgate";
import { onTestFinished } from "vitest";

const root = new URL("../../", import.meta.url);

/** Where one of the policies that come with Headgate is. */
export function policyFile(name: string): string {
  return fileURLToPath(new URL(`policies/${name}.yaml`, root));
}

/** A request that reached the upstream. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** False when the request broke off before its end. */
  readonly complete: boolean;
}

/** The API behind the gate, on a free port until the test ends. It notes what reaches it. */
export async function startUpstream(
  listener: RequestListener = (request, response) => request.on("end", () => response.end("{}")),
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("close", () => {
      const { method = "", url = "", headers, complete } = request;
      received.push({ method, url, headers, complete, body: Buffer.concat(chunks).toString() });
    });
    listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

/** A running `headgate serve`, on free ports until the test ends. */
export interface Served {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  /** Standard error so far. */
  log(): string;
  /** What the process ended with. */
  readonly exited: Promise<number | null>;
}

/** Starts the command itself, as anyone would from a clone; without a policy, the default one. */
export async function serve(policy: string | undefined, upstreamUrl: string): Promise<Served> {
  const bin = fileURLToPath(new URL("node_modules/.bin/headgate", root));
  const args = [
    "serve",
    ...(policy ? [policy] : []),
    "--port",
    "0",
    "--admin-port",
    "0",
    "--upstream",
    upstreamUrl,
    "--json",
  ];
  const child = spawn(bin, args, { stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  const line = await Promise.race([
    once(createInterface(child.stdout), "line").then(([text]) => text as string),
    exited.then((code) => Promise.reject(new Error(`headgate exited with ${code}:\n${log}`))),
  ]);
  const { gateway, admin } = JSON.parse(line) as { gateway: string; admin: string };
  return {
    url: gateway.replace("localhost", "127.0.0.1"),
    adminUrl: admin,
    pid: child.pid as number,
    log: () => log,
    exited,
  };
}

/**
 * The same gate over real HTTP in this process, with a clock in the test's hand and, if wanted, changes to the policy's
 * text. For what takes a minute or a month.
 */
export async function serveAt(
  now: number,
  name: string,
  upstreamUrl: string,
  edit: (text: string) => string = (text) => text,
): Promise<{ url: string; clock: { now: number }; reload(edit: (text: string) => string): Promise<void> }> {
  const clock = { now };
  const serving = await startServing({
    policy: await compile(name, edit),
    port: 0,
    host: "127.0.0.1",
    adminPort: 0,
    upstream: new URL(upstreamUrl),
    clock: () => clock.now,
    log: { info() {}, warn() {}, error() {} },
  });
  onTestFinished(() => serving.drain(1000).then(() => {}));
  return {
    url: serving.gatewayUrl,
    clock,
    reload: async (change) => serving.gateway.reload(await compile(name, change)),
  };
}

async function compile(name: string, edit: (text: string) => string): Promise<Policy> {
  const { policy, problems } = loadPolicy(edit(await readFile(policyFile(name), "utf8")), { file: name });
  if (!policy) throw new Error(JSON.stringify(problems));
  return policy;
}

/** The rate-limit headers of a response, those that are missing as null. */
export function rateLimit(response: Response): {
  limit: string | null;
  remaining: string | null;
  reset: string | null;
  retryAfter: string | null;
} {
  return {
    limit: response.headers.get("x-ratelimit-limit"),
    remaining: response.headers.get("x-ratelimit-remaining"),
    reset: response.headers.get("x-ratelimit-reset"),
    retryAfter: response.headers.get("retry-after"),
  };
}

/** Does the same `count` times, one after the other, and returns the last. */
export async function repeat(count: number, call: () => Promise<Response>): Promise<Response> {
  for (let i = 1; i < count; i++) await (await call()).arrayBuffer();
  return call();
}

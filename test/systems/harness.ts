import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { loadPolicy } from "@headgate/policy";
import { type PolicyInForce, startServing } from "headgate";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Administered, adminOf } from "./admin.ts";

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
export interface Served extends Administered {
  readonly url: string;
  readonly adminUrl: string;
  /** The admin token, where it was made at this start. */
  readonly adminToken: string | undefined;
  /** A key to try the default policy with. */
  readonly exampleKey: string | undefined;
  /** The data folder. */
  readonly data: string;
  readonly pid: number;
  /** Standard error so far. */
  log(): string;
  /** What the process ended with. */
  readonly exited: Promise<number | null>;
  /** Ends the process as a power cut does, at once. */
  crash(): Promise<void>;
}

/** How a gate is started, where it is not the usual way. */
export interface ServeSettings {
  readonly data?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly workers?: number;
}

/**
 * Starts the command itself, as anyone would from a clone; without a policy, the default one; without an upstream, the
 * policy's own. Its data folder is a new one unless it is given, its environment has nothing of Headgate's but what is
 * given, and one worker is quicker to start than many.
 */
export async function serve(
  policy: string | undefined,
  upstreamUrl?: string,
  { data, environment = {}, workers = 1 }: ServeSettings = {},
): Promise<Served> {
  const folder = data ?? (await temporaryFolder());
  const bin = fileURLToPath(new URL("node_modules/.bin/headgate", root));
  const args = [
    "serve",
    ...(policy ? [policy] : []),
    "--port",
    "0",
    "--admin-port",
    "0",
    ...(upstreamUrl ? ["--upstream", upstreamUrl] : []),
    "--data",
    folder,
    "--workers",
    String(workers),
    "--json",
  ];
  const env = { ...process.env, DATABASE_URL: "", REDIS_URL: "", HEADGATE_ADMIN_TOKEN: "", ...environment };
  const child = spawn(bin, args, { stdio: ["ignore", "pipe", "pipe"], env });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const crash = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(crash);
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  const line = await Promise.race([
    once(createInterface(child.stdout), "line").then(([text]) => text as string),
    exited.then((code) => Promise.reject(new Error(`headgate exited with ${code}:\n${log}`))),
  ]);
  const { gateway, admin, adminToken, exampleKey } = JSON.parse(line) as Listening;
  return {
    url: gateway.replace("localhost", "127.0.0.1"),
    adminUrl: admin,
    adminToken,
    exampleKey,
    data: folder,
    pid: child.pid as number,
    log: () => log,
    exited,
    crash,
    admin: adminOf(
      admin,
      async () => env.HEADGATE_ADMIN_TOKEN || (await readFile(join(folder, "admin-token"), "utf8")).trim(),
    ),
  };
}

/** What `--json` prints when it is open. */
interface Listening {
  readonly gateway: string;
  readonly admin: string;
  readonly adminToken?: string;
  readonly exampleKey?: string;
}

/** A gate within this process. */
export interface ServedAt extends Administered {
  readonly url: string;
  /** The data folder. */
  readonly data: string;
  /** To be set forward by the test. */
  readonly clock: { now: number };
  reload(edit: (text: string) => string): Promise<void>;
}

/**
 * The same gate over real HTTP in this process, with a clock in the test's hand and, if wanted, changes to the policy's
 * text. For what takes a minute or a month.
 */
export async function serveAt(
  now: number,
  name: string,
  upstreamUrl?: string,
  edit: (text: string) => string = (text) => text,
): Promise<ServedAt> {
  const clock = { now };
  const folder = await temporaryFolder();
  const serving = await startServing({
    ...(await compile(name, edit)),
    port: 0,
    host: "127.0.0.1",
    adminPort: 0,
    upstream: upstreamUrl === undefined ? undefined : new URL(upstreamUrl),
    data: { folder, databaseUrl: undefined },
    clock: () => clock.now,
    log: { info() {}, warn() {}, error() {} },
  });
  onTestFinished(() => serving.drain(1000).then(() => {}));
  return {
    url: serving.gatewayUrl,
    data: folder,
    clock,
    reload: async (change) => serving.reload(await compile(name, change)),
    admin: adminOf(serving.adminUrl, async () => serving.adminToken.secret),
  };
}

async function compile(name: string, edit: (text: string) => string): Promise<PolicyInForce> {
  const text = edit(await readFile(policyFile(name), "utf8"));
  const { policy, problems } = loadPolicy(text, { file: name });
  if (!policy) throw new Error(JSON.stringify(problems));
  return { file: name, text, policy };
}

/** The rate-limit headers of a response, those that are missing as null. */
export function rateLimit(response: Pick<Response, "headers">): {
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

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { nginxCommand, upstreamServer } from "./gateway/nginx.ts";
import { summarize } from "./measure.ts";

/**
 * Requests a second through `headgate serve` with one worker and with two, in turn. The load and the upstream need cores
 * too, and here there are two in all: so each worker's thread has a control group of its own that gives it a share of a
 * core, and what is left of both cores is for the load. That makes two slow cores which nobody else uses. As root, with
 * control groups of version 1, as the kernel's `cpu` controller has them.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const SECONDS = Number(process.env.SECONDS ?? 4);
const CONNECTIONS = 64;
/** Of a core, for each worker. */
const SHARE = Number(process.env.SHARE ?? 0.4);
const PERIOD_US = 10_000;
const GROUPS = "/sys/fs/cgroup/cpu";

for (const program of ["wrk", "nginx"]) {
  if (spawnSync("which", [program]).status !== 0) {
    console.error(`This bench needs ${program}: apt-get install wrk nginx-light`);
    process.exit(1);
  }
}
if (!existsSync(`${GROUPS}/cpu.cfs_quota_us`)) {
  console.error(`This bench needs control groups of version 1 in ${GROUPS}, and to be root`);
  process.exit(1);
}

interface Candidate {
  readonly name: string;
  readonly url: string;
  readonly process: ChildProcess;
}

const folder = mkdtempSync(join(tmpdir(), "headgate-bench-"));
const groups: string[] = [];
const processes: ChildProcess[] = [];
try {
  const upstreamPort = await freePort();
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  const [command = "", ...args] = nginxCommand(upstreamServer(upstreamPort));
  processes.push(spawn(command, args, { stdio: "ignore" }));
  const policy = join(folder, "policy.yaml");
  writeFileSync(
    policy,
    `
headgate: 1
upstream: ${upstream}
callers: { api-key: { bearer: true } }
limits:
  - { name: key, per: [api-key], quota: 1000000000, window: 1m }
  - { name: address, per: [ip], quota: 1000000000, window: 1m, algorithm: token-bucket }
`,
  );
  const candidates = [await start(policy, 1), await start(policy, 2)];
  const rates = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, url } of candidates) {
      const perSecond = load(url);
      if (round > 0) rates.get(name)?.push(perSecond);
    }
  }
  console.log(`requests a second, ${SHARE} of a core for each worker, median of ${ROUNDS} rounds of ${SECONDS} s`);
  console.table(
    [...rates].map(([name, values]) => {
      const { median, low, high } = summarize(name, values);
      return { name, median: Math.round(median), low: Math.round(low), high: Math.round(high) };
    }),
  );
  const [one = [], two = []] = [...rates.values()];
  const { median, low, high } = summarize(
    "ratio",
    two.map((rate, i) => rate / (one[i] ?? Number.NaN)),
  );
  console.log(`two workers / one, round by round: ${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`);
} finally {
  for (const child of processes) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  for (const group of groups) rmdirSync(group);
  rmSync(folder, { recursive: true });
}

async function start(policy: string, workers: number): Promise<Candidate> {
  const name = workers === 1 ? "one worker" : `${workers} workers`;
  const main = fileURLToPath(import.meta.resolve("headgate")).replace("index", "main");
  const ports = ["--port", "0", "--admin-port", "0", "--data", join(folder, name), "--json"];
  const child = spawn(process.execPath, [main, "serve", policy, "--workers", String(workers), ...ports], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  processes.push(child);
  const [line] = await once(createInterface(child.stdout), "line");
  const pid = child.pid as number;
  // One worker is the main thread itself.
  const threads = workers === 1 ? [pid] : threadsOf(pid, "gate");
  if (threads.length !== workers) throw new Error(`found ${threads.length} threads of ${workers}`);
  for (const thread of threads) confine(thread);
  return { name, url: (JSON.parse(line as string) as { gateway: string }).gateway, process: child };
}

function threadsOf(pid: number, prefix: string): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`).map(Number);
  return tasks.filter((task) => readFileSync(`/proc/${pid}/task/${task}/comm`, "utf8").startsWith(prefix));
}

/** Gives a thread its share of a core. */
function confine(thread: number): void {
  const group = `${GROUPS}/headgate-bench-${thread}`;
  mkdirSync(group);
  groups.push(group);
  writeFileSync(`${group}/cpu.cfs_period_us`, String(PERIOD_US));
  writeFileSync(`${group}/cpu.cfs_quota_us`, String(PERIOD_US * SHARE));
  writeFileSync(`${group}/tasks`, String(thread));
}

function load(url: string): number {
  const header = "Authorization: Bearer bench_key";
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, "-H", header, `${url}/v1/events?limit=10`];
  const output = execFileSync("wrk", args).toString();
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`some requests failed:\n${output}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { nginxCommand, proxyServer, upstreamServer } from "./gateway/nginx.ts";
import { summarize } from "./measure.ts";

/**
 * Reverse proxies on one core: requests a second and CPU a request, the candidates in turn, each round one after the
 * other. The load and the upstream have the other core.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const SECONDS = Number(process.env.SECONDS ?? 3);
const CONNECTIONS = 64;

for (const program of ["wrk", "nginx", "taskset"]) {
  if (spawnSync("which", [program]).status !== 0) {
    console.error(`This bench needs ${program}: apt-get install wrk nginx-light util-linux`);
    process.exit(1);
  }
}

const upstreamPort = await freePort();
const upstream = start("1", nginxCommand(upstreamServer(upstreamPort)));
const script = (name: string): string => fileURLToPath(new URL(`gateway/${name}.ts`, import.meta.url));

interface Candidate {
  readonly name: string;
  readonly port: number;
  readonly process: ChildProcess;
}
const candidates: Candidate[] = [];
for (const [name, file, ...rest] of [
  ["headgate", "headgate", "both"],
  ["headgate, x-ratelimit only", "headgate", "x-ratelimit"],
  ["bare-proxy", "bare-proxy"],
  ["fastify", "fastify"],
] as const) {
  const port = await freePort();
  const command = [process.execPath, script(file), String(port), `http://127.0.0.1:${upstreamPort}`, ...rest];
  candidates.push({ name, port, process: start("0", command) });
}
const nginxPort = await freePort();
candidates.push({
  name: "nginx",
  port: nginxPort,
  process: start("0", nginxCommand(proxyServer(nginxPort, upstreamPort))),
});

try {
  for (const { port } of candidates) await answering(port);
  const rates = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  const costs = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, port, process: child } of candidates) {
      const before = cpuMs(child.pid as number);
      const { requests, perSecond } = load(port);
      const after = cpuMs(child.pid as number);
      if (round === 0) continue;
      rates.get(name)?.push(perSecond);
      costs.get(name)?.push(((after - before) * 1000) / requests);
    }
  }
  report(rates, costs);
} finally {
  for (const child of [upstream, ...candidates.map((candidate) => candidate.process)]) child.kill("SIGTERM");
}

function report(rates: ReadonlyMap<string, number[]>, costs: ReadonlyMap<string, number[]>): void {
  const ratioTo = (name: string, other: string): string => {
    const pairs = (rates.get(name) ?? []).map((rate, i) => rate / (rates.get(other)?.[i] ?? Number.NaN));
    const { median, low, high } = summarize(name, pairs);
    return `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  };
  console.log(`requests a second on one core, ${CONNECTIONS} connections, median of ${ROUNDS} rounds of ${SECONDS} s`);
  console.table(
    Object.fromEntries(
      [...rates].map(([name, values]) => {
        const { median, low, high } = summarize(name, values);
        const cpu = summarize(name, costs.get(name) ?? []).median;
        return [
          name,
          { median: Math.round(median), low: Math.round(low), high: Math.round(high), "CPU us": cpu.toFixed(1) },
        ];
      }),
    ),
  );
  for (const name of ["headgate", "headgate, x-ratelimit only"]) {
    for (const other of ["bare-proxy", "fastify", "nginx"]) {
      console.log(`${name} / ${other}, round by round: ${ratioTo(name, other)}`);
    }
  }
}

function start(core: string, command: readonly string[]): ChildProcess {
  return spawn("taskset", ["-c", core, ...command], { stdio: ["ignore", "inherit", "inherit"] });
}

function load(port: number): { requests: number; perSecond: number } {
  const header = "Authorization: Bearer bench_key";
  const output = execFileSync("taskset", [
    ...[
      "-c",
      "1",
      "wrk",
      "-t1",
      `-c${CONNECTIONS}`,
      `-d${SECONDS}s`,
      "-H",
      header,
      `http://127.0.0.1:${port}/v1/events?limit=10`,
    ],
  ]).toString();
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`some requests failed:\n${output}`);
  const requests = Number(/(\d+) requests in/.exec(output)?.[1]);
  return { requests, perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]) };
}

/** CPU time of a process and its children so far. */
function cpuMs(pid: number): number {
  const ticks = (id: number): number => {
    const fields = readFileSync(`/proc/${id}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return [pid, ...children].reduce((sum, id) => sum + ticks(id), 0) * 10;
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const isUp = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    if (attempt === 100) throw new Error(`nothing answers on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

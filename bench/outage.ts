import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";
import { type RedisServer, startRedis } from "../packages/redis/test/servers/redis-server.ts";

/**
 * What callers see of an outage of Redis. Requests come at a steady rate, whatever becomes of those before, each to two
 * gates in the same moment: one that counts in Redis, which is halted by SIGSTOP and later killed and started again, and
 * one that counts in memory. How much longer the first takes for it is the added wait. Where the machine has other work
 * too, have the kernel let this come first: `chrt -r 10 npm run outage --workspace bench`.
 */
const PER_SECOND = Number(process.env.RATE ?? 500);
const SECONDS = Number(process.env.SECONDS ?? 5);
const BUDGET_MS = 50;

/** A request to both gates: ms until each had answered, and the status of the one on Redis. */
interface Sample {
  readonly status: number;
  readonly waitMs: number;
  readonly inMemoryMs: number;
}

/** A process of `headgate serve`, and connections to it. */
class Gate {
  readonly #process: ChildProcess;
  readonly #pool: Pool;

  constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.#pool = new Pool(url, { connections: 128 });
  }

  async ask(): Promise<{ status: number; ms: number }> {
    const start = performance.now();
    const { statusCode, body } = await this.#pool.request({
      path: "/v1/events",
      method: "GET",
      headers: { authorization: "Bearer bench_key" },
    });
    await body.dump();
    return { status: statusCode, ms: performance.now() - start };
  }

  kill(): void {
    this.#process.kill("SIGKILL");
    void this.#pool.destroy();
  }
}

const folder = mkdtempSync(join(tmpdir(), "headgate-bench-"));
const processes: ChildProcess[] = [];
const upstream = createServer((_, response) => response.end('{"data":[]}')).listen(0, "127.0.0.1");
await once(upstream, "listening");
try {
  const inMemory = await startGate("memory", "{ memory: {} }");
  for (const mode of ["exact", "leased"]) {
    const redis = await startRedis({ persistent: true });
    const onRedis = await startGate(mode, `{ redis: { mode: ${mode}, url: "${redis.url}", budget: ${BUDGET_MS}ms } }`);
    console.log(`${mode}, ${PER_SECOND} requests a second, ${SECONDS} s each, budget ${BUDGET_MS} ms; times in ms`);
    console.table(await runThrough(redis, onRedis, inMemory));
    await redis.end();
    onRedis.kill();
  }
} finally {
  for (const child of processes) child.kill("SIGKILL");
  upstream.close();
  upstream.closeAllConnections();
  rmSync(folder, { recursive: true });
}

async function startGate(name: string, store: string): Promise<Gate> {
  const policy = join(folder, `${name}.yaml`);
  writeFileSync(
    policy,
    `
headgate: 1
upstream: http://127.0.0.1:${(upstream.address() as AddressInfo).port}
callers: { api-key: { bearer: true } }
limits:
  - { name: key, per: [api-key], quota: 1000000, window: 1m }
  - { name: address, per: ip, quota: 1000000, window: 1m, algorithm: sliding-window }
store: ${store}
`,
  );
  const main = fileURLToPath(import.meta.resolve("headgate")).replace("index", "main");
  const ports = ["--port", "0", "--admin-port", "0", "--workers", "1", "--data", join(folder, name), "--json"];
  const child = spawn(process.execPath, [main, "serve", policy, ...ports], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, REDIS_URL: "", LOG_LEVEL: "error" },
  });
  processes.push(child);
  const [line] = await once(createInterface(child.stdout), "line");
  const { gateway } = JSON.parse(line as string) as { gateway: string };
  return new Gate(child, gateway.replace("localhost", "127.0.0.1"));
}

async function runThrough(redis: RedisServer, onRedis: Gate, inMemory: Gate): Promise<object> {
  const phases: Record<string, Summary> = {};
  const measure = async (name?: string): Promise<void> => {
    const samples = await load(onRedis, inMemory);
    if (name !== undefined) phases[name] = summary(samples);
  };
  await measure();
  await measure("before");
  redis.stop();
  await measure("halted");
  redis.cont();
  await measure("going on");
  await redis.kill();
  await measure("killed");
  await redis.restart();
  await measure("started again");
  return phases;
}

/** Sends at the rate for a phase; resolves when all is answered. */
async function load(onRedis: Gate, inMemory: Gate): Promise<readonly Sample[]> {
  const asked: Promise<Sample>[] = [];
  const start = performance.now();
  while (asked.length < PER_SECOND * SECONDS) {
    const due = Math.min(((performance.now() - start) * PER_SECOND) / 1000, PER_SECOND * SECONDS);
    while (asked.length < due) asked.push(askBoth(onRedis, inMemory, asked.length % 2 === 0));
    await pause(1);
  }
  return Promise.all(asked);
}

/** In turn it is the one or the other that is sent to first. */
async function askBoth(onRedis: Gate, inMemory: Gate, isRedisFirst: boolean): Promise<Sample> {
  const gates = isRedisFirst ? [onRedis, inMemory] : [inMemory, onRedis];
  const answers = await Promise.all(gates.map((gate) => gate.ask()));
  const [first, second] = answers as [(typeof answers)[0], (typeof answers)[0]];
  const [redis, memory] = isRedisFirst ? [first, second] : [second, first];
  return { status: redis.status, waitMs: redis.ms, inMemoryMs: memory.ms };
}

type Summary = Readonly<Record<string, number | string>>;

function summary(samples: readonly Sample[]): Summary {
  const statuses = Object.entries(Object.groupBy(samples, ({ status }) => status));
  const columns = {
    Redis: samples.map(({ waitMs }) => waitMs),
    memory: samples.map(({ inMemoryMs }) => inMemoryMs),
    added: samples.map(({ waitMs, inMemoryMs }) => waitMs - inMemoryMs),
  };
  return {
    requests: samples.length,
    statuses: statuses.map(([status, those]) => `${status}: ${those?.length}`).join(" "),
    ...Object.fromEntries(Object.entries(columns).map(([name, times]) => [`${name} p50 / p99 / max`, spread(times)])),
  };
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return [0.5, 0.99, 1].map((share) => at(share).toFixed(1)).join(" / ");
}

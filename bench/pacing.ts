import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { loadPolicy } from "@headgate/policy";
import { type Serving, startServing } from "headgate";
import type { Sent } from "../test/client/pacing-sender.ts";
import { startRedis } from "./redis/server.ts";

/**
 * A thousand calls from fifty tasks against `policies/initial-state.yaml`, really served: thirty in ten seconds, and so
 * five and a half minutes, whatever the client. How many of the requests are refused, and how much longer than the quota
 * takes it is. All candidates run at once, each with an account of its own. `CALLS` makes fewer.
 */
const CALLS = Number(process.env.CALLS ?? 1_000);
const TASKS = 50;
const QUOTA = 30;
const WINDOW_S = 10;

const SENDER = fileURLToPath(new URL("../test/client/pacing-sender.ts", import.meta.url));

interface Candidate {
  readonly name: string;
  readonly pace: "smooth" | "burst";
  readonly processes: number;
}

const CANDIDATES: readonly Candidate[] = [
  { name: "smooth, one process", pace: "smooth", processes: 1 },
  { name: "burst, one process", pace: "burst", processes: 1 },
  { name: "smooth, two processes that share a Redis", pace: "smooth", processes: 2 },
  { name: "burst, two processes that share a Redis", pace: "burst", processes: 2 },
];

const folder = mkdtempSync(join(tmpdir(), "headgate-bench-"));
const upstream = createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1");
await once(upstream, "listening");
const redis = await startRedis();
const gate = await serve();
try {
  console.log(`${CALLS} calls from ${TASKS} tasks, ${QUOTA} in ${WINDOW_S} s; times in s`);
  console.table(await Promise.all(CANDIDATES.map(run)));
} finally {
  await gate.drain(1_000);
  await redis.close();
  upstream.close();
  rmSync(folder, { recursive: true });
}

async function serve(): Promise<Serving> {
  const file = fileURLToPath(new URL("../policies/initial-state.yaml", import.meta.url));
  const source = await readFile(file, "utf8");
  const { policy, problems } = loadPolicy(source, { file });
  if (!policy) throw new Error(JSON.stringify(problems));
  return startServing({
    file,
    text: source,
    policy,
    port: 0,
    host: "127.0.0.1",
    adminPort: 0,
    clock: Date.now,
    upstream: new URL(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`),
    data: { folder, databaseUrl: undefined },
    log: { info() {}, warn: console.warn, error: console.error },
  });
}

async function run({ name, pace, processes }: Candidate): Promise<object> {
  const { id: accountId } = await gate.control.accounts.create({ name }, "bench");
  const { secret } = await gate.control.keys.create({ accountId, prefix: "hg_sk_" }, "bench");
  const share = [String(CALLS / processes), String(TASKS / processes), ...(processes > 1 ? [redis.url] : [])];
  const results = await Promise.all(
    Array.from({ length: processes }, async () => {
      const args = [SENDER, `${gate.gatewayUrl}/api/events`, secret, pace, ...share];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      return JSON.parse(await text(child.stdout)) as Sent;
    }),
  );
  const endedAt = Math.max(...results.map((result) => result.endedAt));
  const took = (endedAt - Math.min(...results.map((result) => result.startedAt))) / 1000;
  const total = (field: "sent" | "refused" | "succeeded"): number =>
    results.reduce((sum, result) => sum + result[field], 0);
  const ideal = pace === "burst" ? (Math.ceil(CALLS / QUOTA) - 1) * WINDOW_S : (CALLS / QUOTA) * WINDOW_S;
  return {
    candidate: name,
    requests: total("sent"),
    refused: total("refused"),
    succeeded: total("succeeded"),
    took: Number(took.toFixed(1)),
    ideal: Number(ideal.toFixed(1)),
    "over ideal": `${((took / ideal - 1) * 100).toFixed(1)} %`,
  };
}

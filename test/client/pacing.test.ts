import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { hasRedis, startRedis } from "../../packages/redis/test/servers/redis-server.ts";
import { startProgram } from "../program.ts";
import { issueKey } from "../systems/admin.ts";
import { policyFile, serve, startUpstream } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import type { Sent } from "./pacing-sender.ts";

const CALLS = 60;
const QUOTA = 10;
const WINDOW_MS = 2_000;

/** The policy, really served, with a window and a quota that take seconds and not minutes. */
async function serveShortWindows() {
  const text = await readFile(policyFile("initial-state"), "utf8");
  const file = join(await temporaryFolder(), "policy.yaml");
  const short = text.replace("quota: 30\n    window: 10s", `quota: ${QUOTA}\n    window: ${WINDOW_MS}ms`);
  const plans = short.replace(/plans: .*/, "");
  await writeFile(file, plans);
  const upstream = await startUpstream();
  return serve(file, upstream.url);
}

/** Makes the calls in processes of their own, divided among them; what came of all of them, and how long it took. */
async function send(url: string, key: string, pace: string, processes: number, redisUrl?: string) {
  const script = fileURLToPath(new URL("pacing-sender.ts", import.meta.url));
  const share = String(CALLS / processes);
  const args = [script, `${url}/api/events`, key, pace, share, "25", ...(redisUrl ? [redisUrl] : [])];
  const running = Array.from({ length: processes }, () => startProgram(process.execPath, args));
  const each: Sent[] = [];
  for (const { finished } of running) {
    const { stdout, stderr } = await finished;
    if (!stdout) throw new Error(stderr);
    each.push(JSON.parse(stdout) as Sent);
  }
  const total = (field: "sent" | "refused" | "succeeded"): number => each.reduce((sum, one) => sum + one[field], 0);
  return {
    sent: total("sent"),
    refused: total("refused"),
    succeeded: total("succeeded"),
    tookMs: Math.max(...each.map(({ endedAt }) => endedAt)) - Math.min(...each.map(({ startedAt }) => startedAt)),
  };
}

/** What a machine that has others to run may take longer. */
const SLACK_MS = 1_500;

test("60 calls from 25 tasks, against a gate that lets ten through in two seconds, are hardly ever refused", async () => {
  const gate = await serveShortWindows();
  const [a, b] = [await issueKey(gate, "Smooth"), await issueKey(gate, "Burst")];
  const [smooth, burst] = await Promise.all([
    send(gate.url, a.secret, "smooth", 1),
    send(gate.url, b.secret, "burst", 1),
  ]);
  const windows = CALLS / QUOTA;
  for (const [{ sent, refused, succeeded, tookMs }, ideal] of [
    [smooth, windows * WINDOW_MS],
    [burst, (windows - 1) * WINDOW_MS],
  ] as const) {
    expect(succeeded).toBe(CALLS);
    expect(refused).toBeLessThanOrEqual(1);
    expect(sent).toBe(CALLS + refused);
    expect(tookMs).toBeLessThan(ideal * 1.1 + SLACK_MS);
  }
});

test.skipIf(!hasRedis)("nor are they where two processes make them that share a Redis", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.end());
  const gate = await serveShortWindows();
  const { secret } = await issueKey(gate);
  const { sent, refused, succeeded, tookMs } = await send(gate.url, secret, "smooth", 2, redis.url);
  expect(succeeded).toBe(CALLS);
  expect(refused).toBeLessThanOrEqual(1);
  expect(sent).toBe(CALLS + refused);
  expect(tookMs).toBeLessThan((CALLS / QUOTA) * WINDOW_MS * 1.1 + SLACK_MS);
});

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { headgate } from "../command/headgate.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Served, serve } from "./gate.ts";
import { type Traced, toNdjson, trace } from "./trace.ts";

/** Every limit has a quota of its own, so that headers tell which one was binding. */
const POLICY = `
headgate: 1
callers:
  api-key: { bearer: key_ }
  ip: { trusted-proxies: [127.0.0.0/8] }
endpoints:
  readings: [ "/*/meters/{id}/readings" ]
  events: [ "GET /*/events" ]
responses: { headers: { style: both, reset: epoch-ms } }
limits:
  - { name: all, per: [], quota: 70000, window: day, timezone: Europe/Berlin }
  - { name: fixed, match: { path: "/windows/**", authenticated: true }, per: [api-key, endpoint], quota: 5, window: 5s }
  - { name: clock, match: { path: "/windows/**" }, per: ip, quota: 14, window: 4s, align: clock, refund: { status: [304, 5xx] } }
  - { name: rejected, match: { path: "/windows/**", methods: POST }, per: ip, quota: 6, window: 3s, count-rejected: true }
  - { name: sliding, match: { path: "/sliding/**", authenticated: true }, per: api-key, quota: 7, window: 5s, algorithm: sliding-window }
  - { name: failures, match: { path: "/sliding/**" }, per: ip, quota: 3, window: 20s, algorithm: sliding-window, charge: { status: 401 } }
  - { name: bucket, match: { path: "/buckets/**", authenticated: true }, per: api-key, quota: 2, window: 1s, burst: 8, algorithm: token-bucket }
  - { name: bytes, match: { path: "/buckets/**", methods: POST }, per: ip, cost: bytes, quota: 200, window: 7s, algorithm: token-bucket }
  - { name: tried, match: { path: "/buckets/**" }, per: ip, quota: 9, window: 2s, algorithm: token-bucket, mode: shadow }
  - { name: flights, match: { path: "/flights/**", authenticated: true }, per: api-key, quota: 1, algorithm: concurrency, hold: 1m }
  - { name: addresses, match: { path: "/flights/**" }, per: ip, quota: 4, algorithm: concurrency, hold: 30s }`;
const SHADOW = "tried";

test("ten thousand requests are simulated as they are served, by every algorithm", { timeout: 240_000 }, async () => {
  const requests = trace(10_000);
  const served = await serve(POLICY, requests);
  const simulated = await simulate(POLICY, requests);
  expect(simulated).toHaveLength(served.length);
  const different = served.findIndex((answer, i) => JSON.stringify(answer) !== JSON.stringify(simulated[i]));
  // Rather one that can be read than ten thousand.
  expect({ different, ...requests[different], ...simulated[different] }).toEqual({
    different,
    ...requests[different],
    ...served[different],
  });
  for (const root of ["/windows", "/sliding", "/buckets", "/flights"]) {
    const refused = served.filter(({ status }, i) => status === 429 && requests[i]?.path.startsWith(root));
    expect(refused.length, root).toBeGreaterThan(100);
  }
});

/** Runs the command, and reads its decisions as a caller would have been told of them. */
async function simulate(policy: string, requests: readonly Traced[]): Promise<Served[]> {
  const folder = await temporaryFolder();
  const [policyFile, log, decisions] = ["policy.yaml", "log", "decisions"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(policyFile, policy);
  await writeFile(log, toNdjson(requests));
  const { exitCode, stderr } = await headgate("simulate", policyFile, "--log", log, "--decisions", decisions);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const lines = (await readFile(decisions, "utf8")).trimEnd().split("\n");
  return lines.map((line, i) => toServed(JSON.parse(line), requests[i] as Traced));
}

function toServed(decision: Decision, { status }: Traced): Served {
  const { time, allowed, quota, remaining, reset_ms, retry_after, limits } = decision;
  return {
    status: allowed ? status : 429,
    quota,
    remaining,
    resetAt: reset_ms === null ? null : time + reset_ms,
    retryAfter: retry_after,
    // Of shadow limits callers do not hear, nor that less than nothing remains.
    limits: limits
      .filter(({ name }) => name !== SHADOW)
      .map(({ name, remaining }) => ({ name, remaining: Math.max(0, remaining) })),
  };
}

/** A line that `simulate` writes. */
interface Decision {
  readonly time: number;
  readonly allowed: boolean;
  readonly quota: number | null;
  readonly remaining: number | null;
  readonly reset_ms: number | null;
  readonly retry_after: number | null;
  readonly limits: readonly { readonly name: string; readonly remaining: number }[];
}

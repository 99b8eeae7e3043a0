import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPolicy, type Policy } from "@headgate/policy";
import { readLog, rehearse } from "@headgate/rehearse";
import { writeAccessLog } from "../test/rehearse/access-log.ts";
import { interleave } from "./measure.ts";

/**
 * Replaying a combined log with three limits: lines a second of reading alone and of all, best of the rounds, for callers
 * few and many; then the memory of the command over ten million lines, each of a caller of its own.
 */
const ROUNDS = 5;
const LINES = 500_000;
const MANY_LINES = 10_000_000;
const POLICY = `
headgate: 1
endpoints: { meters: [ "/v1/meters/{id}" ] }
limits:
  - { name: each, per: ip, quota: 60, window: 1m }
  - { name: each-endpoint, match: { path: "/v1/**" }, per: [ip, endpoint], quota: 200, window: 5m, algorithm: sliding-window }
  - { name: all, per: [], quota: 100000, window: 1s, algorithm: token-bucket }`;

const folder = mkdtempSync(join(tmpdir(), "headgate-bench-"));
try {
  for (const callers of [100, 1_000, 10_000]) await measureSpeed(callers);
  await measureMemory();
} finally {
  rmSync(folder, { recursive: true });
}

async function measureSpeed(callers: number): Promise<void> {
  const log = join(folder, `${callers}.log`);
  // The square makes some callers come often and most seldom, as they do.
  await writeAccessLog(log, LINES, (line) => Math.floor((((line * 7919) % LINES) / LINES) ** 2 * callers));
  const policy = loadPolicy(POLICY).policy as Policy;
  const open = () => readLog([log], { headersWanted: policy.headersRead });
  const candidates = [
    {
      name: "reading",
      async run() {
        let requests = 0;
        for await (const batch of open().batches) requests += batch.length;
        return requests;
      },
    },
    { name: "reading and deciding", run: async () => (await rehearse([policy], open()))[0].requests },
  ];
  console.log(`\n${LINES} lines of ${callers} callers, three limits; best of ${ROUNDS} rounds`);
  console.table(
    Object.fromEntries(
      (await interleave(candidates, LINES, ROUNDS)).map(({ name, low, median }) => [
        name,
        { "ns a line": Math.round(low), "lines a second": Math.round(1e9 / low), "median ns": Math.round(median) },
      ]),
    ),
  );
}

async function measureMemory(): Promise<void> {
  const log = join(folder, "many.log");
  const policy = join(folder, "policy.yaml");
  await writeAccessLog(log, MANY_LINES, (line) => line);
  writeFileSync(policy, POLICY);
  const weigh = fileURLToPath(new URL("../test/rehearse/weigh.ts", import.meta.url));
  const { stderr } = spawnSync(process.execPath, [weigh, "simulate", policy, "--log", log, "--quiet"], {
    encoding: "utf8",
  });
  console.log(`\n${MANY_LINES} lines of as many callers: ${stderr} MB at most`);
}

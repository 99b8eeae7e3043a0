import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import { writeAccessLog } from "./access-log.ts";

const POLICY = `
headgate: 1
store: { memory: { max-partitions: 100000 } }
limits:
  - { name: each, per: ip, quota: 1, window: 1h }
  - { name: all, per: [], quota: 900, window: 1s }`;

test("a log of ever new callers takes no more memory for being longer", { timeout: 240_000 }, async () => {
  const folder = await temporaryFolder();
  const policy = join(folder, "policy.yaml");
  await writeFile(policy, POLICY);
  const weigh = async (lines: number): Promise<number> => {
    const log = join(folder, `${lines}.log`);
    await writeAccessLog(log, lines, (line) => line);
    const script = fileURLToPath(new URL("weigh.ts", import.meta.url));
    const args = [script, "simulate", policy, "--log", log, "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect({ status, requests: JSON.parse(stdout).requests }).toEqual({ status: 0, requests: lines });
    return Number(stderr);
  };
  const short = await weigh(100_000);
  // Half a GB of lines, requests and callers would be kept if any were.
  expect((await weigh(400_000)) - short).toBeLessThan(60);
});

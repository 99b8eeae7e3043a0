import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openControl } from "@headgate/control";
import { openStorage } from "@headgate/storage";
import { expect, onTestFinished, test } from "vitest";
import { closeAll } from "./rig.ts";

const NODE = fileURLToPath(new URL("../../../node_modules/node/bin/node", import.meta.url));
const PROCESS = fileURLToPath(new URL("./creating-process.ts", import.meta.url));
/** Lines heard before the process is killed, each time. */
const KILL_AFTER_LINES = [1, 50, 700, 2_500];

test("a process killed at any moment loses no change that it has answered, and the audit is whole", async () => {
  const folder = await mkdtemp(join(tmpdir(), "headgate-kill-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const said = new Map<string, string>();
  for (const lines of KILL_AFTER_LINES) {
    for (const line of await linesUntilKilled(folder, `killed after ${lines}`, lines)) {
      const [what = "", secret = ""] = line.split(" ");
      said.set(secret, what);
    }
    const control = await openControl({
      storage: await openStorage({ folder }),
      clock: Date.now,
      log: { info() {}, warn() {}, error() {} },
    });
    for (const [secret, what] of said) {
      if (what === "revoking") continue;
      expect(control.directory.identify(secret, Date.now()) !== undefined).toBe(what === "created");
    }
    expect(await control.audit.verify()).toMatchObject({ isValid: true });
    await closeAll(control);
  }
}, 60_000);

/** The whole lines that the process has printed when it is gone. */
async function linesUntilKilled(folder: string, name: string, count: number): Promise<string[]> {
  const child: ChildProcess = spawn(NODE, [PROCESS, folder, name], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    // The last line may be cut off where the process was.
    if (/^(created|revoking|revoked) [0-9A-Za-z]{49}$/.test(line)) lines.push(line);
    if (lines.length >= count) child.kill("SIGKILL");
  }
  await exited;
  return lines;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { openExportsRig } from "./exports-rig.ts";

const NODE = fileURLToPath(new URL("../../../../node_modules/node/bin/node", import.meta.url));
const PROCESS = fileURLToPath(new URL("./exporting-process.ts", import.meta.url));
/** Pages that are read before the process is killed, each time. */
const KILL_AFTER_PAGES = [3, 14, 12];

test("an export that processes were killed over is the same to the byte as one that went undisturbed", async () => {
  const data = mkdtempSync(join(tmpdir(), "headgate-kill-"));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const before = await openExportsRig({ data });
  const caller = await before.caller("a", 16_000);
  await before.exports.close();
  const { id } = (await before.ask("POST", "/v1/exports", caller, { format: "csv" })).json();
  await before.close();

  for (const pages of KILL_AFTER_PAGES) await killAfter(data, pages);

  const rig = await openExportsRig({ data });
  const found = (await rig.ask("GET", `/v1/exports/${id}`, caller)).json();
  expect(found.progress.events).toBeGreaterThanOrEqual(5_000);
  await rig.exports.settled();
  const made = (await rig.ask("GET", `/v1/exports/${id}`, caller)).json();
  expect(made).toMatchObject({ state: "completed", progress: { events: 16_000 } });
  const undisturbed = await rig.exported(caller, { format: "csv" });
  const [text, other] = await Promise.all(
    [made, undisturbed].map(async ({ download_url }) => (await rig.ask("GET", String(download_url))).text),
  );
  expect(text).toBe(other);
  expect(Buffer.byteLength(String(text))).toBe(made.progress.bytes);
}, 120_000);

async function killAfter(data: string, pages: number): Promise<void> {
  const child = spawn(NODE, [PROCESS, data], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let read = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "done" || ++read === pages) child.kill("SIGKILL");
  }
  await exited;
}

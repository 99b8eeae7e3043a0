import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileSpill } from "@headgate/client/spill";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "./folder.ts";

async function holder(folder: string) {
  const script = fileURLToPath(new URL("hold-folder.ts", import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [answer] = await once(child.stdout, "data");
  return { child, answer: String(answer).trim() };
}

test("a folder that this process has open cannot be opened again, until it is closed", async () => {
  const folder = await temporaryFolder();
  const first = fileSpill(folder);
  await first.open();
  await expect(fileSpill(folder).open()).rejects.toMatchObject({ code: "HG_SPILL_LOCKED" });
  await first.close();
  const second = fileSpill(folder);
  await second.open();
  await second.close();
  expect(await readdir(folder)).toEqual([]);
});

test("a folder that another process has open is locked, and free as soon as that is killed", async () => {
  const folder = await temporaryFolder();
  const { child, answer } = await holder(folder);
  expect(answer).toBe("open");
  await expect(fileSpill(folder).open()).rejects.toThrow(`by process ${child.pid}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  const spill = fileSpill(folder);
  await spill.open();
  await spill.close();
});

test("of many processes that find a lock left behind, one gets the folder", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "lock-1"), "999999999 1");
  const holders = await Promise.all(Array.from({ length: 4 }, () => holder(folder)));
  expect(holders.map(({ answer }) => answer).sort()).toEqual([
    "HG_SPILL_LOCKED",
    "HG_SPILL_LOCKED",
    "HG_SPILL_LOCKED",
    "open",
  ]);
}, 60_000);

test.skipIf(process.platform !== "linux")(
  "a process that has the id of the one that died is not taken for it",
  async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "lock-1"), `${process.pid} 12345`);
    const spill = fileSpill(folder);
    await spill.open();
    await spill.close();
  },
);

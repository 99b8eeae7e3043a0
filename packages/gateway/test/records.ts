import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Control, openControl } from "@headgate/control";
import { openStorage } from "@headgate/storage";
import { onTestFinished } from "vitest";

/** Records in a folder of their own, which is removed when the test ends. */
export async function openRecords(clock: () => number): Promise<Control> {
  const folder = mkdtempSync(join(tmpdir(), "headgate-"));
  const storage = await openStorage({ folder });
  const log = { info() {}, warn() {}, error() {} };
  const control = await openControl({ storage, clock, log });
  onTestFinished(async () => {
    await control.close();
    await storage.close();
    rmSync(folder, { recursive: true });
  });
  return control;
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Control, openControl } from "@headgate/control";
import { openStorage } from "@headgate/storage";
import { onTestFinished } from "vitest";

/** Records in a folder of their own, which is removed when the test ends. */
export async function openRecords(clock: () => number): Promise<Control> {
  const { control, close } = await openRecordsIn(mkdtempSync(join(tmpdir(), "headgate-")), clock);
  onTestFinished(close);
  return control;
}

/** Records in a folder, which is removed when they are closed. */
export async function openRecordsIn(
  folder: string,
  clock: () => number,
): Promise<{ readonly control: Control; close(): Promise<void> }> {
  const storage = await openStorage({ folder });
  const log = { info() {}, warn() {}, error() {} };
  const control = await openControl({ storage, clock, log });
  return {
    control,
    async close() {
      await control.close();
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
}

import { type Control, openControl } from "@headgate/control";
import { HeadgateError } from "@headgate/core";
import type { GatewayLog } from "@headgate/gateway";
import { openStorage } from "@headgate/storage";
import type { DataPlace } from "./data-place.ts";
import { makeFolder } from "./make-folder.ts";

/** Opens the records, and makes what is not there. Closing them closes the database too. Throws `HG_STORAGE_…`. */
export async function openRecords(
  { folder, databaseUrl }: DataPlace,
  { clock, log }: { readonly clock: () => number; readonly log: GatewayLog },
): Promise<Control> {
  await makeDataFolder(folder);
  await using opened = new AsyncDisposableStack();
  const storage = await openStorage({ folder, databaseUrl });
  opened.defer(() => storage.close());
  const control = await openControl({ storage, clock, log });
  opened.move();
  return control;
}

export async function closeRecords(control: Control): Promise<void> {
  await control.close();
  await control.storage.close();
}

async function makeDataFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
  } catch (error) {
    const { message } = error as Error;
    throw new HeadgateError("HG_STORAGE_FOLDER", `${folder} cannot be made: ${message}; see --data`, { cause: error });
  }
}

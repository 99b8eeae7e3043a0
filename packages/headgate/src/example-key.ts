import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Control } from "@headgate/control";
import { HeadgateError } from "@headgate/core";
import { OWN_PREFIXES } from "@headgate/policy";
import { replacePrivateFile } from "./private-file.ts";

const ACCOUNT = "example";

/**
 * A key to try the default policy with: the one that the data folder keeps, or a new one where there is none, or it is
 * good no more. Anyone who can read the folder can read the database beside it. Rejects with `HG_STORAGE_…`.
 */
export async function exampleKey(control: Control, folder: string, now: number): Promise<string> {
  const file = join(folder, "example-key");
  const kept = (await readFile(file, "utf8").catch(() => "")).trim();
  if (kept !== "" && control.directory.identify(kept, now)) return kept;
  const accountId = await accountNamed(control, ACCOUNT);
  const { secret } = await control.keys.create({ accountId, prefix: OWN_PREFIXES.key, name: "example" }, "command");
  await replacePrivateFile(file, `${secret}\n`);
  return secret;
}

async function accountNamed({ accounts }: Control, name: string): Promise<string> {
  try {
    return (await accounts.get(name)).id;
  } catch (error) {
    if (!(error instanceof HeadgateError) || error.code !== "HG_ACCOUNT_UNKNOWN") throw error;
    return (await accounts.create({ name }, "command")).id;
  }
}

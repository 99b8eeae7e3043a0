import type { PolicyOutline } from "@headgate/control";
import { HeadgateError } from "@headgate/core";
import { type Command, Help, Option } from "commander";
import { withNames } from "./account-names.ts";
import type { AdminClient } from "./admin-client.ts";
import { DEFAULT_FOLDER } from "./data-place.ts";
import { findAdmin } from "./find-admin.ts";
import { parseAdminUrl } from "./option-values.ts";
import type { Answer } from "./record-answer.ts";

/** What every command about records takes. */
export interface RecordOptions {
  readonly data?: string;
  readonly adminUrl?: URL;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds a group of commands about records. */
export function recordGroup(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .helpCommand(false)
    .configureHelp({
      groupItems: ownFirst,
      visibleOptions(group) {
        return [...Help.prototype.visibleOptions.call(this, group), ...commonOptions()];
      },
    });
}

const COMMON = "Options of all these commands:";
const QUIET = "print ids only, or the secret alone where one is made";

/** Adds a command about records; the default one is meant where its group is named alone. */
export function recordCommand(
  group: Command,
  nameAndArguments: string,
  description: string,
  { isDefault = false, quiet = QUIET }: { readonly isDefault?: boolean; readonly quiet?: string } = {},
): Command {
  const command = group
    .command(nameAndArguments, { isDefault })
    .description(description)
    .configureHelp({ groupItems: ownFirst });
  for (const option of commonOptions(quiet)) command.addOption(option);
  return command;
}

function commonOptions(quiet: string = QUIET): Option[] {
  const options = [
    new Option("--data <folder>", `where the records are (default: "${DEFAULT_FOLDER}")`),
    new Option("--admin-url <url>", "ask this server's admin API, and no other").argParser(parseAdminUrl),
    new Option("--json", "print what the admin API answers"),
    new Option("--quiet", quiet),
  ];
  return options.map((option) => option.helpGroup(COMMON));
}

/** A command's own options come before those that all have. */
function ownFirst<Item>(_: Item[], visible: Item[], groupOf: (item: Item) => string): Map<string, Item[]> {
  const groups = Map.groupBy(visible, groupOf);
  const shared = groups.get(COMMON);
  groups.delete(COMMON);
  return shared ? groups.set(COMMON, shared) : groups;
}

/** Asks the admin API, wherever it is, and prints the answer. `policy` is for where no server runs. */
export async function answer(
  options: RecordOptions,
  ask: (admin: AdminClient) => Promise<Answer>,
  { policy, makesFolder = false }: { readonly policy?: PolicyOutline | undefined; readonly makesFolder?: boolean } = {},
): Promise<void> {
  const admin = await findAdmin({ data: options.data, adminUrl: options.adminUrl, policy, makesFolder });
  try {
    const { json, text, quiet } = await ask(admin);
    if (options.json) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    else if (options.quiet) process.stdout.write(quiet.map((line) => `${line}\n`).join(""));
    else process.stdout.write(await withNames(admin, text));
  } finally {
    await admin.close();
  }
}

/** Throws `HG_USAGE` unless just one of these was given; they are named as they are written. */
export function requireOne(given: Readonly<Record<string, unknown>>): void {
  const count = Object.values(given).filter((value) => value !== undefined).length;
  if (count === 1) return;
  const names = Object.keys(given)
    .join(", ")
    .replace(/, (?=[^,]*$)/, " or ");
  throw new HeadgateError("HG_USAGE", `${count === 0 ? "something is missing: give" : "give only one of"} ${names}`);
}

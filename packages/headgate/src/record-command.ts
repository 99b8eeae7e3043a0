import { HeadgateError } from "@headgate/core";
import type { Issuing } from "@headgate/policy";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { AdminClient, AdminList } from "./admin-client.ts";
import { DEFAULT_FOLDER } from "./data-place.ts";
import { findAdmin } from "./find-admin.ts";
import { style } from "./style.ts";
import { type Column, card, table } from "./table.ts";

/** What every command about records takes. */
export interface RecordOptions {
  readonly data?: string;
  readonly adminUrl?: URL;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** An answer, for whoever reads it. */
export interface Answer {
  /** For programs: what the admin API said. */
  readonly json: unknown;
  /** For people. */
  readonly text: string;
  /** For scripts: ids, one a line, or the secret that was made. */
  readonly quiet: readonly string[];
}

/** Adds a group of commands about records. */
export function recordGroup(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).helpCommand(false);
}

const COMMON = "Options of all these commands:";

/** Adds a command about records; the default one is meant where its group is named alone. */
export function recordCommand(
  group: Command,
  nameAndArguments: string,
  description: string,
  { isDefault = false }: { readonly isDefault?: boolean } = {},
): Command {
  return group
    .command(nameAndArguments, { isDefault })
    .description(description)
    .configureHelp({ groupItems: ownFirst })
    .addOption(common("--data <folder>", `where the records are (default: "${DEFAULT_FOLDER}")`))
    .addOption(common("--admin-url <url>", "ask this server's admin API, and no other").argParser(parseAdminUrl))
    .addOption(common("--json", "print what the admin API answers"))
    .addOption(common("--quiet", "print ids only, or the secret alone where one is made"));
}

function common(flags: string, description: string): Option {
  return new Option(flags, description).helpGroup(COMMON);
}

/** A command's own options come before those that all have. */
function ownFirst<Item>(_: Item[], visible: Item[], groupOf: (item: Item) => string): Map<string, Item[]> {
  const groups = Map.groupBy(visible, groupOf);
  const shared = groups.get(COMMON);
  groups.delete(COMMON);
  return shared ? groups.set(COMMON, shared) : groups;
}

/** Asks the admin API, wherever it is, and prints the answer. */
export async function answer(
  options: RecordOptions,
  ask: (admin: AdminClient) => Promise<Answer>,
  { issuing, makesFolder = false }: { readonly issuing?: Issuing | undefined; readonly makesFolder?: boolean } = {},
): Promise<void> {
  const admin = await findAdmin({ data: options.data, adminUrl: options.adminUrl, issuing, makesFolder });
  try {
    const { json, text, quiet } = await ask(admin);
    if (options.json) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    else process.stdout.write(options.quiet ? quiet.map((line) => `${line}\n`).join("") : text);
  } finally {
    await admin.close();
  }
}

/** One record, a line for each of its fields. */
export function oneRecord<Item extends { readonly id: string }>(
  columns: readonly Column<Item>[],
  record: Item,
): Answer {
  return { json: record, text: card(columns, record), quiet: [record.id] };
}

/** A record with the secret that was made for it. What keeps it from being of use is told on standard error. */
export function withSecret<Item>(
  columns: readonly Column<Item>[],
  record: Item & { readonly secret: string; readonly warning: string | null },
): Answer {
  const { secret, warning } = record;
  if (warning) process.stderr.write(`headgate: ${warning}\n`);
  const hint = style("dim", "Keep it now: it will not be shown again.");
  return { json: record, text: `${card(columns, record)}\n${style("green", secret)}\n\n${hint}\n`, quiet: [secret] };
}

/** A list of records, and whether there are more. */
export function manyRecords<Item extends { readonly id: string }>(
  columns: readonly Column<Item>[],
  list: AdminList<Item>,
  none: string,
): Answer {
  const { items, next_cursor } = list;
  const more = next_cursor === null ? "" : style("dim", `… and more: these are the first ${items.length}\n`);
  const text = items.length === 0 ? `${none}\n` : table(columns, items) + more;
  return { json: list, text, quiet: items.map(({ id }) => id) };
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

/** For options that can be repeated. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,15}$/.test(text) || count < 1) throw new InvalidArgumentError("It takes a whole number from 1.");
  return count;
}

function parseAdminUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isPlain) throw new InvalidArgumentError("It takes a URL such as http://127.0.0.1:8081, without user or query.");
  return url;
}

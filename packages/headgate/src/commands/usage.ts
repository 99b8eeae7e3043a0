import type { UsageJson, UsageReportJson } from "@headgate/control";
import type { Command } from "commander";
import { answer, type RecordOptions, recordCommand, requireOne } from "../record-command.ts";
import { style } from "../style.ts";
import { type Column, table, time } from "../table.ts";

const COLUMNS: readonly Column<UsageJson>[] = [
  ["limit", ({ limit }) => limit],
  ["counted by", ({ per }) => Object.entries(per).map(counted).join(", ")],
  ["quota", ({ quota }) => (quota === null ? "unlimited" : String(quota))],
  ["used", ({ used }) => String(used)],
  ["remaining", ({ remaining }) => (remaining === null ? undefined : String(remaining))],
  ["resets", ({ reset_at }) => (reset_at === null ? undefined : time(reset_at))],
];

interface UsageOptions extends RecordOptions {
  readonly key?: string;
  readonly token?: string;
  readonly ip?: string;
  readonly reset?: string;
}

/** `headgate usage`: what one caller has used of each limit, in the server that counts it. */
export function addUsage(program: Command): void {
  recordCommand(program, "usage [account]", "what a caller has used of each limit, or one counter reset")
    .option("--key <id>", "of a key, instead of an account with its keys")
    .option("--token <id>", "or of a token")
    .option("--ip <address>", "or of an address")
    .option("--reset <limit>", "set its counter of this limit to nothing used")
    .action(async (account: string | undefined, { key, token, ip, reset, ...options }: UsageOptions) => {
      const caller = { account, key, token, ip };
      requireOne({ "an account": account, "--key": key, "--token": token, "--ip": ip });
      await answer(options, async (admin) => {
        const report =
          reset === undefined
            ? await admin.get<UsageReportJson>("/usage", caller)
            : await admin.post<UsageReportJson>("/usage/reset", { ...caller, limit: reset });
        const { items, complete } = report;
        const text = items.length === 0 ? "No limit of the policy counts by this caller.\n" : table(COLUMNS, items);
        const more = complete ? "" : style("dim", "… and more: ask for one --key or --token\n");
        return { json: report, text: text + more, quiet: items.map(({ limit }) => limit) };
      });
    });
}

function counted([word, value]: [word: string, value: string]): string {
  return `${word} ${value === "" ? "(unlisted)" : value}`;
}

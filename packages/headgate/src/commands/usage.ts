import type { UsageJson, UsageReportJson } from "@headgate/control";
import type { Command } from "commander";
import type { NameOf } from "../account-names.ts";
import { parseAddress } from "../option-values.ts";
import { answer, type RecordOptions, recordCommand, requireOne } from "../record-command.ts";
import { style } from "../style.ts";
import { type Column, table, time } from "../table.ts";

const COLUMNS: readonly Column<UsageJson>[] = [
  ["limit", ({ limit }) => limit],
  ["counted by", ({ per }, nameOf) => counted(per, nameOf)],
  ["quota", ({ quota }) => quota ?? "unlimited"],
  ["used", ({ used }) => used],
  ["remaining", ({ remaining }) => remaining ?? undefined],
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
  recordCommand(program, "usage [account]", "what a caller has used of each limit, or one counter reset", {
    quiet: "print of each counter its limit, used, quota and callers, with tabs between them",
  })
    .option("--key <id>", "of a key, instead of an account with its keys")
    .option("--token <id>", "or of a token")
    .option("--ip <address>", "or of an address", parseAddress)
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
        const none = "No limit of the policy counts by this caller.\n";
        const more = complete ? "" : style("dim", "… and more: ask for one --key or --token\n");
        return {
          json: report,
          text: (nameOf) => (items.length === 0 ? none : table(COLUMNS, items, nameOf)) + more,
          quiet: items.map(tabbed),
        };
      });
    });
}

function counted(per: UsageJson["per"], nameOf: NameOf): string {
  return Object.entries(per)
    .map(([word, value]) => `${word} ${word === "account" ? nameOf(value) : value || "(unlisted)"}`)
    .join(", ");
}

/** A counter as scripts take it apart; callers by their ids. */
function tabbed({ limit, used, quota, per }: UsageJson): string {
  return [limit, used, quota ?? "unlimited", counted(per, (id) => id)].join("\t");
}

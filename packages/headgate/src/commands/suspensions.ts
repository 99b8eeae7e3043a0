import type { SuspensionJson } from "@headgate/control";
import type { Command } from "commander";
import { segment } from "../admin-client.ts";
import { parseAddress, parseDuration } from "../option-values.ts";
import { manyRecords, oneRecord } from "../record-answer.ts";
import { answer, type RecordOptions, recordCommand, recordGroup, requireOne } from "../record-command.ts";
import { type Column, time } from "../table.ts";

const COLUMNS: readonly Column<SuspensionJson>[] = [
  ["suspension", ({ id }) => id],
  ["caller", ({ caller, value }, nameOf) => `${caller} ${caller === "account" ? nameOf(value) : value}`],
  ["reason", ({ reason }) => reason],
  ["since", ({ created_at }) => time(created_at)],
  ["ends", ({ ends_at }) => (ends_at === null ? "when lifted" : time(ends_at))],
  ["lifted", ({ lifted_at }) => (lifted_at === null ? undefined : time(lifted_at))],
];

interface StartOptions extends RecordOptions {
  readonly account?: string;
  readonly key?: string;
  readonly token?: string;
  readonly ip?: string;
  readonly reason: string;
  readonly for?: string;
}

/** `headgate suspensions`: callers that are refused for a time, or until lifted. */
export function addSuspensions(program: Command): void {
  const suspensions = recordGroup(program, "suspensions", "callers that are refused for a time, or until lifted");

  recordCommand(suspensions, "list", "list who is suspended")
    .option("--all", "those that are over too")
    .action(({ all, ...options }: RecordOptions & { all?: boolean }) =>
      answer(options, async (admin) => {
        const list = await admin.list<SuspensionJson>("/suspensions", { active: all ? undefined : true });
        return manyRecords(COLUMNS, list, all ? "No suspensions." : "Nobody is suspended.");
      }),
    );

  recordCommand(suspensions, "start", "refuse a caller from the next request on; one that is suspended, for longer")
    .option("--account <account>", "whom, by name or id")
    .option("--key <id>", "or a key")
    .option("--token <id>", "or a token")
    .option("--ip <address>", "or an address", parseAddress)
    .requiredOption("--reason <text>", "why, for whoever reads the audit")
    .option("--for <duration>", "how long, such as 1h; until lifted unless given", parseDuration)
    .action(async ({ account, key, token, ip, reason, for: lifetime, ...options }: StartOptions) => {
      requireOne({ "--account": account, "--key": key, "--token": token, "--ip": ip });
      const fields = { account, key, token, ip, reason, for: lifetime };
      await answer(options, async (admin) => oneRecord(COLUMNS, await admin.post("/suspensions", fields)));
    });

  recordCommand(
    suspensions,
    "lift <account>",
    "end a suspension now: an account's, by name or id, or any by its id",
  ).action((whose: string, options: RecordOptions) => {
    const kind = whose.startsWith("sus_") ? "suspensions" : "accounts";
    return answer(options, async (admin) => oneRecord(COLUMNS, await admin.post(`/${kind}/${segment(whose)}/lift`)));
  });
}

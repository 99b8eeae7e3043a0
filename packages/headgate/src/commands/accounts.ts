import type { AccountJson } from "@headgate/control";
import type { Command } from "commander";
import { segment } from "../admin-client.ts";
import { outlineIn, policyOption } from "../policy-option.ts";
import { manyRecords, oneRecord } from "../record-answer.ts";
import { answer, type RecordOptions, recordCommand, recordGroup } from "../record-command.ts";
import { type Column, time } from "../table.ts";

const COLUMNS: readonly Column<AccountJson>[] = [
  ["account", ({ id }) => id],
  ["name", ({ name }) => name],
  ["plan", ({ plan }) => plan ?? undefined],
  ["created", ({ created_at }) => time(created_at)],
];

interface CreateOptions extends RecordOptions {
  readonly plan?: string;
  readonly policy?: string;
}

interface UpdateOptions extends RecordOptions {
  readonly name?: string;
  readonly policy?: string;
  /** False: `--no-plan`. */
  readonly plan?: string | false;
}

/** `headgate accounts`: the customers, who have keys and a plan. */
export function addAccounts(program: Command): void {
  const accounts = recordGroup(program, "accounts", "customers, who have keys and a plan");

  recordCommand(accounts, "create <name>", "put an account on record")
    .option("--plan <plan>", "a plan of the policy; the policy's own quotas unless given")
    .addOption(policyOption())
    .action(async (name: string, { plan, policy, ...options }: CreateOptions) =>
      answer(options, async (admin) => oneRecord(COLUMNS, await admin.post("/accounts", { name, plan })), {
        policy: await outlineIn(policy),
        makesFolder: true,
      }),
    );

  recordCommand(accounts, "list", "list the accounts").action((options: RecordOptions) =>
    answer(options, async (admin) => manyRecords(COLUMNS, await admin.list("/accounts"), "No accounts.")),
  );

  recordCommand(accounts, "show <account>", "show one account, by name or id").action(
    (account: string, options: RecordOptions) =>
      answer(options, async (admin) => oneRecord(COLUMNS, await admin.get(`/accounts/${segment(account)}`))),
  );

  recordCommand(accounts, "update <account>", "give an account another name or plan")
    .option("--name <name>", "what it is called from now on")
    .option("--plan <plan>", "the plan it has from now on")
    .option("--no-plan", "take its plan away")
    .addOption(policyOption())
    .action(async (account: string, { name, plan, policy, ...options }: UpdateOptions) => {
      const change = { name, plan: plan === false ? null : plan };
      await answer(
        options,
        async (admin) => oneRecord(COLUMNS, await admin.patch(`/accounts/${segment(account)}`, change)),
        { policy: await outlineIn(policy) },
      );
    });
}

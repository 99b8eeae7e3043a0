import type { OverrideJson } from "@headgate/control";
import type { Command } from "commander";
import { segment } from "../admin-client.ts";
import { parseCount, parseDuration, parseFactor } from "../option-values.ts";
import { outlineIn, policyOption } from "../policy-option.ts";
import { manyRecords, oneRecord } from "../record-answer.ts";
import { answer, type RecordOptions, recordCommand, recordGroup, requireOne } from "../record-command.ts";
import { type Column, time } from "../table.ts";

const COLUMNS: readonly Column<OverrideJson>[] = [
  ["override", ({ id }) => id],
  ["of", ({ subject: { type, id } }, nameOf) => `${type} ${type === "account" ? nameOf(id) : id}`],
  ["limit", ({ limit }) => limit],
  ["quota", ({ quota, factor }) => (factor === null ? (quota ?? "unlimited") : `× ${factor}`)],
  ["expires", ({ expires_at }) => time(expires_at)],
  ["reason", ({ reason }) => reason ?? undefined],
];

interface SetOptions extends RecordOptions {
  readonly account?: string;
  readonly key?: string;
  readonly limit: string;
  readonly quota?: number;
  readonly factor?: number;
  readonly unlimited?: true;
  readonly for?: string;
  readonly reason?: string;
  readonly policy?: string;
}

interface ListOptions extends RecordOptions {
  readonly account?: string;
  readonly key?: string;
}

/** `headgate overrides`: exceptions for one caller. */
export function addOverrides(program: Command): void {
  const overrides = recordGroup(program, "overrides", "exceptions from a limit, for one account or key");

  recordCommand(overrides, "set", "make an exception, in place of any there is; it holds from the next request on")
    .option("--account <account>", "whose it is, by name or id")
    .option("--key <id>", "or the key whose it is")
    .requiredOption("--limit <limit>", "the limit, by its name in the policy")
    .option("--quota <number>", "this quota", parseCount)
    .option("--factor <number>", "or so many times the quota", parseFactor)
    .option("--unlimited", "or no limit at all")
    .option("--for <duration>", "how long it holds, such as 30d; until it is removed unless given", parseDuration)
    .option("--reason <text>", "why, for whoever reads the audit")
    .addOption(policyOption())
    .action(
      async ({
        for: lifetime,
        account,
        key,
        limit,
        quota,
        factor,
        unlimited,
        reason,
        policy,
        ...options
      }: SetOptions) => {
        requireOne({ "--account": account, "--key": key });
        requireOne({ "--quota": quota, "--factor": factor, "--unlimited": unlimited });
        const fields = { account, key, limit, quota, factor, unlimited, for: lifetime, reason };
        await answer(options, async (admin) => oneRecord(COLUMNS, await admin.post("/overrides", fields)), {
          policy: await outlineIn(policy),
        });
      },
    );

  recordCommand(overrides, "list", "list the overrides")
    .option("--account <account>", "only those of this account, by name or id")
    .option("--key <id>", "only those of this key")
    .action(({ account, key, ...options }: ListOptions) =>
      answer(options, async (admin) =>
        manyRecords(COLUMNS, await admin.list("/overrides", { account, key }), "No overrides."),
      ),
    );

  recordCommand(overrides, "remove <id>", "end an exception; the policy's quota holds again").action(
    (id: string, options: RecordOptions) =>
      answer(options, async (admin) => {
        await admin.delete(`/overrides/${segment(id)}`);
        return { json: { id, removed: true }, text: () => `${id} is removed.\n`, quiet: [id] };
      }),
  );
}

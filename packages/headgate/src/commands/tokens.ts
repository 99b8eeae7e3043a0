import type { NewTokenJson, TokenJson } from "@headgate/control";
import type { Command } from "commander";
import { segment } from "../admin-client.ts";
import { collect, parseDuration } from "../option-values.ts";
import { outlineIn, policyOption } from "../policy-option.ts";
import { manyRecords, oneRecord, withSecret } from "../record-answer.ts";
import { answer, type RecordOptions, recordCommand, recordGroup } from "../record-command.ts";
import { type Column, time } from "../table.ts";

const COLUMNS: readonly Column<TokenJson>[] = [
  ["token", ({ id }) => id],
  ["key", ({ key_id }) => key_id],
  ["account", ({ account_id }, nameOf) => nameOf(account_id)],
  ["kind", ({ kind }) => kind],
  ["shows", shownBy],
  ["begins with", ({ start }) => start],
  ["scopes", ({ scopes }) => scopes.join(" ")],
  ["expires", ({ expires_at }) => time(expires_at)],
  ["revoked", ({ revoked_at }) => (revoked_at === null ? undefined : time(revoked_at))],
];

interface CreateOptions extends RecordOptions {
  readonly key: string;
  readonly widget?: boolean;
  readonly actor?: string;
  readonly target?: string;
  readonly for?: string;
  readonly scope?: readonly string[];
  readonly policy?: string;
}

interface ListOptions extends RecordOptions {
  readonly account?: string;
  readonly key?: string;
}

/** `headgate tokens`: credentials that live for a day or so, minted from a key. */
export function addTokens(program: Command): void {
  const tokens = recordGroup(program, "tokens", "short-lived tokens, minted from a key");

  recordCommand(tokens, "create", "mint a token, and show it once")
    .requiredOption("--key <id>", "the key it is minted from, and dies with")
    .option("--widget", "for pages that strangers see: it may only read")
    .option("--actor <id>", "with --widget: show only what this actor did; all events unless bound")
    .option("--target <id>", "with --widget: show only what was done to this target")
    .option("--for <duration>", "how long it is good for, such as 24h; as the policy says unless given", parseDuration)
    .option("--scope <scope>", "what it may do, within what its key may; repeat for more", collect)
    .addOption(policyOption())
    .action(async ({ key, widget, actor, target, for: lifetime, scope, policy, ...options }: CreateOptions) => {
      const fields = { key, widget, actor, target, for: lifetime, scopes: scope };
      await answer(options, async (admin) => withSecret(COLUMNS, await admin.post<NewTokenJson>("/tokens", fields)), {
        policy: await outlineIn(policy),
      });
    });

  recordCommand(tokens, "list", "list the tokens")
    .option("--account <account>", "only those of this account, by name or id")
    .option("--key <id>", "only those of this key")
    .action(({ account, key, ...options }: ListOptions) =>
      answer(options, async (admin) =>
        manyRecords(COLUMNS, await admin.list("/tokens", { account, key }), "No tokens."),
      ),
    );

  recordCommand(tokens, "revoke <id>", "end a token at once, for good").action((id: string, options: RecordOptions) =>
    answer(options, async (admin) => oneRecord(COLUMNS, await admin.post(`/tokens/${segment(id)}/revoke`))),
  );
}

/** What of its account's events a widget shows. */
function shownBy({ kind, actor, target }: TokenJson): string | undefined {
  if (kind !== "widget") return undefined;
  if (actor !== null) return `actor ${actor}`;
  return target === null ? "all events" : `target ${target}`;
}

import type { ApiKeyJson, NewApiKeyJson } from "@headgate/control";
import type { Command } from "commander";
import { type AdminClient, AdminRefusal, segment } from "../admin-client.ts";
import { collect, parseDuration } from "../option-values.ts";
import { outlineIn, policyOption } from "../policy-option.ts";
import { manyRecords, oneRecord, withSecret } from "../record-answer.ts";
import { answer, type RecordOptions, recordCommand, recordGroup } from "../record-command.ts";
import { type Column, time } from "../table.ts";

const COLUMNS: readonly Column<ApiKeyJson>[] = [
  ["key", ({ id }) => id],
  ["account", ({ account_id }, nameOf) => nameOf(account_id)],
  ["name", ({ name }) => name ?? undefined],
  ["begins with", ({ start }) => start],
  ["scopes", ({ scopes }) => scopes.join(" ")],
  ["expires", ({ expires_at }) => time(expires_at)],
  ["revoked", ({ revoked_at }) => (revoked_at === null ? undefined : time(revoked_at))],
];

const ROTATED: readonly Column<ApiKeyJson>[] = [
  ...COLUMNS,
  ["old secret until", ({ previous_until }) => (previous_until === null ? undefined : time(previous_until))],
];

/** Whose a key is that names no account. */
const USUAL_ACCOUNT = "default";

interface CreateOptions extends RecordOptions {
  readonly account: string;
  readonly name?: string;
  readonly expires?: string;
  readonly scope?: readonly string[];
  readonly prefix?: string;
  readonly policy?: string;
}

/** `headgate keys`: what callers present to say who they are. */
export function addKeys(program: Command): void {
  const keys = recordGroup(program, "keys", "API keys, which callers present");

  recordCommand(keys, "create", "make a key, and show its secret once")
    .option("--account <name>", "whose it is, by name or id; made where there is none of that name", USUAL_ACCOUNT)
    .option("--name <name>", "what to call the key")
    .option("--expires <duration>", "how long it is good for, such as 30d; for ever unless given", parseDuration)
    .option("--scope <scope>", "what it may do: read, write, or a word of your own; repeat for more", collect)
    .option("--prefix <prefix>", "how the secret begins; as the policy says unless given")
    .addOption(policyOption())
    .action(async ({ account, name, expires, scope, prefix, policy, ...options }: CreateOptions) => {
      const fields = { account, name, expires_in: expires, scopes: scope, prefix };
      const created = (admin: AdminClient): Promise<NewApiKeyJson> => admin.post("/keys", fields);
      await answer(
        options,
        async (admin) => withSecret(COLUMNS, await created(admin).catch(orAfterMakingAccount(admin, account, created))),
        { policy: await outlineIn(policy), makesFolder: true },
      );
    });

  recordCommand(keys, "list", "list the keys")
    .option("--account <account>", "only those of this account, by name or id")
    .action(({ account, ...options }: RecordOptions & { account?: string }) =>
      answer(options, async (admin) => manyRecords(COLUMNS, await admin.list("/keys", { account }), "No keys.")),
    );

  recordCommand(keys, "show <id>", "show one key, without its secret").action((id: string, options: RecordOptions) =>
    answer(options, async (admin) => oneRecord(ROTATED, await admin.get(`/keys/${segment(id)}`))),
  );

  recordCommand(keys, "rotate <id>", "give a key a new secret; its id, counters and overrides stay")
    .option("--overlap <duration>", "how long the old secret is good too, such as 0s (default: 24h)", parseDuration)
    .action((id: string, { overlap, ...options }: RecordOptions & { overlap?: string }) =>
      answer(options, async (admin) =>
        withSecret(ROTATED, await admin.post<NewApiKeyJson>(`/keys/${segment(id)}/rotate`, { overlap })),
      ),
    );

  recordCommand(keys, "revoke <id>", "end a key and its tokens at once, for good").action(
    (id: string, options: RecordOptions) =>
      answer(options, async (admin) => oneRecord(COLUMNS, await admin.post(`/keys/${segment(id)}/revoke`))),
  );
}

/** What makes the account that a key was to be for, and then the key; other refusals stay as they are. */
function orAfterMakingAccount<Result>(
  admin: AdminClient,
  name: string,
  again: (admin: AdminClient) => Promise<Result>,
): (error: unknown) => Promise<Result> {
  return async (error) => {
    if (!isRefusal(error, "HG_ACCOUNT_UNKNOWN") || name.startsWith("acc_")) throw error;
    try {
      await admin.post("/accounts", { name });
      process.stderr.write(`headgate: there was no account ${name}, so it was made\n`);
    } catch (refusal) {
      // Somebody else was quicker, and made it.
      if (!isRefusal(refusal, "HG_NAME_TAKEN")) throw refusal;
    }
    return again(admin);
  };
}

function isRefusal(error: unknown, code: string): boolean {
  return error instanceof AdminRefusal && error.code === code;
}

import type { Account, ApiKey, Control, Token } from "@headgate/control";

/** A key on record, of an account of its own where none is given. */
export interface Issued {
  readonly account: Account;
  readonly key: ApiKey;
  readonly secret: string;
}

let accounts = 0;

export async function issueKey(
  control: Control,
  fields: {
    readonly account?: Account;
    readonly plan?: string;
    readonly scopes?: readonly string[];
    readonly expiresAt?: number;
  } = {},
): Promise<Issued> {
  const { plan, scopes, expiresAt } = fields;
  const account = fields.account ?? (await control.accounts.create({ name: `account ${++accounts}`, plan }, "test"));
  const { key, secret } = await control.keys.create(
    { accountId: account.id, prefix: "hg_sk_", scopes, expiresAt },
    "test",
  );
  return { account, key, secret };
}

export function issueToken(
  control: Control,
  keyId: string,
  kind: Token["kind"] = "access",
): Promise<{ token: Token; secret: string }> {
  const prefix = kind === "widget" ? "hg_wt_" : "hg_at_";
  return control.tokens.mint({ keyId, kind, prefix, lifetimeMs: 24 * 3_600_000 }, "test");
}

/** What shows a secret the way most policies read it. */
export function bearer(secret: string): { headers: { authorization: string } } {
  return { headers: { authorization: `Bearer ${secret}` } };
}

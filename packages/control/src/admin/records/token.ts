import Type, { type TSchema, type TUnsafe } from "typebox";
import type { Token } from "../../token.ts";
import { isoOf, isoOrNull } from "../instants.ts";
import { instant, instantOrNull, recordSchema, stampSchemas, textOrNull } from "../schema.ts";

/** A token as the API shows it. */
export interface TokenJson {
  readonly id: string;
  readonly account_id: string;
  readonly key_id: string;
  readonly kind: "access" | "widget";
  readonly actor: string | null;
  readonly target: string | null;
  readonly start: string;
  readonly scopes: readonly string[];
  readonly expires_at: string;
  readonly revoked_at: string | null;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A token as it is shown once, when it is minted. */
export interface NewTokenJson extends TokenJson {
  readonly secret: string;
  /** What keeps it from being of use now; null where nothing does. */
  readonly warning: string | null;
}

const fields: { readonly [Field in keyof TokenJson]: TSchema } = {
  id: Type.String({ description: "`tok_…`" }),
  account_id: Type.String(),
  key_id: Type.String({ description: "The key it was minted from, and dies with." }),
  kind: Type.Unsafe({ type: "string", enum: ["access", "widget"], description: "Widget tokens are read only." }),
  actor: textOrNull("The one actor whose events a widget token shows. Null with `target` too: it shows all."),
  target: textOrNull("The one target whose events a widget token shows."),
  start: Type.String({ description: "How the secret begins, to tell tokens apart." }),
  scopes: Type.Array(Type.String(), { description: "`read` lets use safe methods, `write` the others." }),
  expires_at: instant("When it ends."),
  revoked_at: instantOrNull("Null while it is good."),
  ...stampSchemas,
};

const example: TokenJson = {
  id: "tok_01k5j8y3m2q4r6s8t0v2w4x6z8",
  account_id: "acc_01k5j8y3m2q4r6s8t0v2w4x6z8",
  key_id: "key_01k5j8y3m2q4r6s8t0v2w4x6z8",
  kind: "widget",
  actor: "user_1",
  target: null,
  start: "hg_wt_9aBc",
  scopes: ["read"],
  expires_at: "2030-01-02T00:00:00.000Z",
  revoked_at: null,
  version: 1,
  created_at: "2030-01-01T00:00:00.000Z",
  updated_at: "2030-01-01T00:00:00.000Z",
};

export const tokenSchema: TUnsafe<TokenJson> = recordSchema<TokenJson>("Token", fields, {
  description: "A short-lived credential minted from a key, without its secret.",
  examples: [example],
});

export const newTokenSchema: TUnsafe<NewTokenJson> = recordSchema<NewTokenJson>(
  "NewToken",
  {
    ...fields,
    secret: Type.String({ description: "The token itself. It is not shown again." }),
    warning: textOrNull("What keeps it from being of use now."),
  },
  {
    description: "A token with its secret, which is shown this once.",
    examples: [{ ...example, secret: "hg_wt_9aBc…", warning: null }],
  },
);

export function tokenJson(token: Token): TokenJson {
  return {
    id: token.id,
    account_id: token.accountId,
    key_id: token.keyId,
    kind: token.kind,
    actor: token.actor ?? null,
    target: token.target ?? null,
    start: token.start,
    scopes: token.scopes,
    expires_at: isoOf(token.expiresAt),
    revoked_at: isoOrNull(token.revokedAt),
    version: token.version,
    created_at: isoOf(token.createdAt),
    updated_at: isoOf(token.updatedAt),
  };
}

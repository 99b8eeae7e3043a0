import Type, { type TSchema, type TUnsafe } from "typebox";
import type { ApiKey } from "../../api-key.ts";
import { isoOf, isoOrNull } from "../instants.ts";
import { instantOrNull, recordSchema, stampSchemas, textOrNull } from "../schema.ts";

/** A key as the API shows it. */
export interface ApiKeyJson {
  readonly id: string;
  readonly account_id: string;
  readonly name: string | null;
  readonly start: string;
  readonly scopes: readonly string[];
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly previous_until: string | null;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A key as it is shown once, when its secret is made. */
export interface NewApiKeyJson extends ApiKeyJson {
  readonly secret: string;
  /** What keeps it from being of use now; null where nothing does. */
  readonly warning: string | null;
}

const fields: { readonly [Field in keyof ApiKeyJson]: TSchema } = {
  id: Type.String({ description: "`key_…`; stays the same when the secret is rotated." }),
  account_id: Type.String(),
  name: textOrNull("What people call it."),
  start: Type.String({ description: "How the secret begins, to tell keys apart." }),
  scopes: Type.Array(Type.String(), { description: "`read` lets use safe methods, `write` the others." }),
  expires_at: instantOrNull("Null never expires."),
  revoked_at: instantOrNull("Null while it is good."),
  previous_until: instantOrNull("Until when the secret before the last rotation is good too."),
  ...stampSchemas,
};

const example: ApiKeyJson = {
  id: "key_01k5j8y3m2q4r6s8t0v2w4x6z8",
  account_id: "acc_01k5j8y3m2q4r6s8t0v2w4x6z8",
  name: "production",
  start: "hg_sk_4fQz",
  scopes: ["read", "write"],
  expires_at: null,
  revoked_at: null,
  previous_until: null,
  version: 1,
  created_at: "2030-01-01T00:00:00.000Z",
  updated_at: "2030-01-01T00:00:00.000Z",
};

export const apiKeySchema: TUnsafe<ApiKeyJson> = recordSchema<ApiKeyJson>("ApiKey", fields, {
  description: "A key of an account, without its secret.",
  examples: [example],
});

export const newApiKeySchema: TUnsafe<NewApiKeyJson> = recordSchema<NewApiKeyJson>(
  "NewApiKey",
  {
    ...fields,
    secret: Type.String({ description: "The key itself. It is not shown again: only its SHA-256 is kept." }),
    warning: textOrNull("What keeps it from being of use now."),
  },
  {
    description: "A key with its secret, which is shown this once.",
    examples: [{ ...example, secret: "hg_sk_4fQz…", warning: null }],
  },
);

export function apiKeyJson(key: ApiKey): ApiKeyJson {
  return {
    id: key.id,
    account_id: key.accountId,
    name: key.name ?? null,
    start: key.start,
    scopes: key.scopes,
    expires_at: isoOrNull(key.expiresAt),
    revoked_at: isoOrNull(key.revokedAt),
    previous_until: isoOrNull(key.previousUntil),
    version: key.version,
    created_at: isoOf(key.createdAt),
    updated_at: isoOf(key.updatedAt),
  };
}

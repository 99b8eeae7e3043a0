import type { AccountRow, ApiKeyRow, OverrideRow, Storage, SuspensionRow, TokenRow } from "@headgate/storage";
import { ID_PREFIXES, type RecordType } from "./id.ts";
import { RecordTable } from "./record-table.ts";

/** The rows of all that is on record, by what they are of. */
export interface RecordRows {
  readonly account: AccountRow;
  readonly key: ApiKeyRow;
  readonly token: TokenRow;
  readonly override: OverrideRow;
  readonly suspension: SuspensionRow;
}

/** And their tables. */
export type Records = { readonly [Type in RecordType]: RecordTable<RecordRows[Type]> };

export function recordsIn(storage: Storage): Records {
  return {
    account: new RecordTable(storage, "accounts", ["id", "name", "name_key", "plan", ...VERSIONED]),
    // A key that has expired can be given a later end; one that is revoked is gone for good.
    key: new RecordTable(storage, "api_keys", KEY_COLUMNS, { endedAt: "revoked_at" }),
    token: new RecordTable(storage, "tokens", TOKEN_COLUMNS, { endedAt: "revoked_at", endsAt: "expires_at" }),
    override: new RecordTable(storage, "overrides", OVERRIDE_COLUMNS, { endsAt: "expires_at" }),
    suspension: new RecordTable(storage, "suspensions", SUSPENSION_COLUMNS, {
      endedAt: "lifted_at",
      endsAt: "ends_at",
    }),
  };
}

const ROWS_AT_A_TIME = 5_000;

/** Records that refer to others come after them. */
export const RECORD_TYPES: readonly RecordType[] = Object.keys(ID_PREFIXES) as readonly RecordType[];

/** A record as it is from now on; without a row where it is gone. */
export interface RecordState {
  readonly type: RecordType;
  readonly id: string;
  readonly row: RecordRows[RecordType] | undefined;
}

/** All that is on record and not over, in the order in which records refer to each other. `now` is epoch ms. */
export async function* allOnRecord(records: Records, now: number): AsyncGenerator<readonly RecordState[]> {
  for (const type of RECORD_TYPES) {
    for await (const rows of records[type].pages(ROWS_AT_A_TIME, now)) {
      yield rows.map((row) => ({ type, id: row.id, row }));
    }
  }
}

const VERSIONED = ["version", "created_at", "updated_at"] as const;

const KEY_COLUMNS: readonly (keyof ApiKeyRow)[] = [
  "id",
  "account_id",
  "name",
  "start",
  "secret_hash",
  "previous_hash",
  "previous_until",
  "scopes",
  "expires_at",
  "revoked_at",
  ...VERSIONED,
];

const TOKEN_COLUMNS: readonly (keyof TokenRow)[] = [
  "id",
  "account_id",
  "key_id",
  "kind",
  "actor",
  "target",
  "start",
  "secret_hash",
  "scopes",
  "expires_at",
  "revoked_at",
  ...VERSIONED,
];

const OVERRIDE_COLUMNS: readonly (keyof OverrideRow)[] = [
  "id",
  "subject_type",
  "subject_id",
  "limit_name",
  "quota",
  "factor",
  "is_unlimited",
  "expires_at",
  "reason",
  ...VERSIONED,
];

const SUSPENSION_COLUMNS: readonly (keyof SuspensionRow)[] = [
  "id",
  "caller",
  "value",
  "reason",
  "ends_at",
  "lifted_at",
  ...VERSIONED,
];

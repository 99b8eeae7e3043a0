import { HeadgateError } from "@headgate/core";
import { isIdOf, type RecordType } from "./id.ts";
import type { RecordRows, Records } from "./records.ts";

const CODES = {
  account: "HG_ACCOUNT_UNKNOWN",
  key: "HG_KEY_UNKNOWN",
  token: "HG_TOKEN_UNKNOWN",
  override: "HG_OVERRIDE_UNKNOWN",
  suspension: "HG_SUSPENSION_UNKNOWN",
} as const;

const LONGEST_QUOTE = 80;

export function unknownRecord(type: RecordType, id: string): HeadgateError {
  const quoted = JSON.stringify(id.slice(0, LONGEST_QUOTE));
  return new HeadgateError(CODES[type], `No ${type} ${quoted} is on record.`);
}

/** The row of that id. Rejects with `HG_…_UNKNOWN`. */
export async function rowOf<Type extends RecordType>(
  records: Records,
  type: Type,
  id: string,
): Promise<RecordRows[Type]> {
  const row = isIdOf(type, id) ? await records[type].find(id) : undefined;
  if (row === undefined) throw unknownRecord(type, id);
  return row;
}

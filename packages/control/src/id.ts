import { monotonicFactory } from "ulid";

/** How ids begin, by what they name. */
export const ID_PREFIXES = {
  account: "acc_",
  key: "key_",
  token: "tok_",
  override: "ovr_",
  suspension: "sus_",
} as const;

/** What has an id on record. */
export type RecordType = keyof typeof ID_PREFIXES;

const ID = /^(?:acc|key|tok|ovr|sus)_[0-9a-hjkmnp-tv-z]{26}$/;

/** Makes ids that sort by when they were made: `key_01jd…`, a ULID in lower case. */
export type IdMaker = (type: RecordType) => string;

/** `clock` gives epoch ms. */
export function idMaker(clock: () => number): IdMaker {
  const next = monotonicFactory();
  return (type) => ID_PREFIXES[type] + next(clock()).toLowerCase();
}

/** Whether a text can be the id of such a thing: nothing else is worth a look-up. */
export function isIdOf(type: RecordType, text: string): boolean {
  return text.startsWith(ID_PREFIXES[type]) && ID.test(text);
}

/** Whether a text begins as ids do. */
export function looksLikeId(text: string): boolean {
  return Object.values(ID_PREFIXES).some((prefix) => text.startsWith(prefix));
}

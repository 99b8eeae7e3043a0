import { randomFillSync } from "node:crypto";
import { monotonicFactory } from "ulid";

/** How ids begin, by what they name. */
export const ID_PREFIXES = {
  event: "evt_",
  message: "msg_",
  webhook: "whk_",
  export: "exp_",
} as const;

/** What has an id here. */
export type IdType = keyof typeof ID_PREFIXES;

/** Makes ids that sort by when they were made: `evt_01jd…`, a ULID in lower case. */
export type IdMaker = (type: IdType, now: number) => string;

export function idMaker(): IdMaker {
  const next = monotonicFactory(randomShare);
  return (type, now) => ID_PREFIXES[type] + next(now).toLowerCase();
}

const pool = Buffer.allocUnsafeSlow(4_096);
let taken = pool.length;

/** A number from 0 up to, not including, 1. Asking the system for each took a twentieth of the main thread's time. */
function randomShare(): number {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  return pool.readUInt8(taken++) / 256;
}

const ULID = /^[0-9a-hjkmnp-tv-z]{26}$/;

/** Whether a text can be the id of such a thing: nothing else is worth a look-up. */
export function isIdOf(type: IdType, text: string): boolean {
  const prefix = ID_PREFIXES[type];
  return text.startsWith(prefix) && ULID.test(text.slice(prefix.length));
}

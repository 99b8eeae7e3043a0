import { Refusal } from "../problem.ts";
import type { Seal } from "../seal.ts";

/** Whose list it is that a cursor goes on with. */
export interface IdList {
  /** Such as `webhooks`. */
  readonly name: string;
  readonly accountId: string;
}

/** A place in a list by ids: after this one. Opaque, so that nobody comes to rely on what is in it. */
export function cursorAfterId(seal: Seal, { name, accountId }: IdList, id: string): string {
  return Buffer.from(`${id}.${seal.mark("cursor", name, accountId, id)}`).toString("base64url");
}

/** The id that a cursor goes on after. Throws `HG_EVENTS_CURSOR` where it is another account's, another list's, or none. */
export function idBefore(seal: Seal, { name, accountId }: IdList, cursor: string): string {
  const [, id = "", mark = ""] = PLACE.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  if (id !== "" && seal.isMark(mark, "cursor", name, accountId, id)) return id;
  throw new Refusal("HG_EVENTS_CURSOR", "the cursor is none that this list gave: begin the list anew", {
    faults: [{ parameter: "cursor", detail: "is none that this list gave to this account" }],
  });
}

const PLACE = /^(\w{1,64})\.([\w-]{22})$/;

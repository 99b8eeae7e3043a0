import { Refusal } from "../problem.ts";
import type { Seal } from "../seal.ts";

/** What a cursor is good for: going on with the same list of the same account. */
export interface CursorScope {
  readonly accountId: string;
  readonly order: "asc" | "desc";
  /** The list's filter, as text. */
  readonly filter: string;
}

/** A place in a list: after this number. Opaque, so that nobody comes to rely on what is in it. */
export function cursorAfter(seal: Seal, { accountId, order, filter }: CursorScope, seq: number): string {
  const mark = seal.mark("cursor", accountId, order, filter, seq);
  return Buffer.from(`${seq}.${mark}`).toString("base64url");
}

/** Throws `HG_EVENTS_CURSOR` where the cursor is another account's, another list's, or none. */
export function placeOf(seal: Seal, { accountId, order, filter }: CursorScope, cursor: string): number {
  const [, seq = "", mark = ""] = PLACE.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  if (seq !== "" && seal.isMark(mark, "cursor", accountId, order, filter, Number(seq))) return Number(seq);
  throw new Refusal("HG_EVENTS_CURSOR", "the cursor is none that this list gave: begin the list anew", {
    faults: [{ parameter: "cursor", detail: "is none that this list gave to this account, with these filters" }],
  });
}

const PLACE = /^(\d{1,15})\.([\w-]{22})$/;

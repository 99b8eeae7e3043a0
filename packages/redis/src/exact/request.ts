import type { Verdict } from "@headgate/core";
import type { SlotPart } from "./slot-part.ts";

/** What a frame can ask of Redis, numbered from 1 on as `lua/decide.lua` numbers them. */
export const OPERATIONS = ["consume", "peek", "charge", "refund"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What is decided as a whole, and who waits for it. */
export interface Request {
  readonly operation: Operation;
  readonly part: SlotPart;
  readonly resolve: (verdicts: readonly Verdict[]) => void;
  readonly reject: (error: unknown) => void;
}

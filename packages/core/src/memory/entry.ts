import type { Algorithm, Cells } from "../algorithm.ts";
import { fixedWindow } from "../algorithms/fixed-window.ts";
import { defineLimit, type Limit } from "../limit.ts";
import { NOT_CHARGED, type Verdict } from "../store.ts";
import { NO_SLOT } from "./table.ts";

const NO_LIMIT = defineLimit({ name: "none", quota: 1, windowMs: 1 });

/** One claim of the request at hand, and where its state is. */
export class Entry {
  limit: Limit = NO_LIMIT;
  partition = "";
  cost = 0;
  algorithm: Algorithm = fixedWindow;
  low = 0;
  high = 0;
  set = 0;
  slot: number = NO_SLOT;
  cells: Cells;
  at = 0;
  waitMs = 0;
  ticket: number = NOT_CHARGED;
  /** Where to write what is said of a standing claim; of others a new verdict is made each time. */
  verdict: { -readonly [Field in keyof Verdict]: Verdict[Field] } | undefined;
  /** The state of a partition that has no slot. It gets one only when it is charged. */
  readonly blank: Cells = new Float64Array(3);

  constructor() {
    this.cells = this.blank;
  }

  /** What the limit says to the claim. */
  say(used: number, resetMs: number, retryAfterMs: number): Verdict {
    const { limit, ticket, verdict } = this;
    const admitted = this.waitMs === 0;
    const remaining = limit.capacity - used;
    if (!verdict) return { limit, admitted, used, remaining, resetMs, retryAfterMs, ticket };
    verdict.admitted = admitted;
    verdict.used = used;
    verdict.remaining = remaining;
    verdict.resetMs = resetMs;
    verdict.retryAfterMs = retryAfterMs;
    verdict.ticket = ticket;
    return verdict;
  }
}

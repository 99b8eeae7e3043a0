import type { Algorithm, Cells } from "../algorithm.ts";
import { fixedWindow } from "../algorithms/fixed-window.ts";
import { defineLimit, type Limit } from "../limit.ts";
import { NOT_CHARGED } from "../store.ts";
import { NO_SLOT } from "./table.ts";

const NO_LIMIT = defineLimit({ name: "none", quota: 1, windowMs: 1 });

/** One claim of the request at hand, and where its state is. */
export class Entry {
  limit: Limit = NO_LIMIT;
  /** Undefined where only its hash is known. */
  partition: string | undefined = "";
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
  /** The state of a partition that has no slot. It gets one only when it is charged. */
  readonly blank: Cells = new Float64Array(3);

  constructor() {
    this.cells = this.blank;
  }
}

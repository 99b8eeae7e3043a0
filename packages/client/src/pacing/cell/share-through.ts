import type { SharedGate } from "../shared-gate.ts";
import type { Cell } from "./cell.ts";
import { CellSupply } from "./cell-supply.ts";

/** Shares gates through any place that can hold a small text and swap it in one step. */
export function shareThrough(cell: Cell): SharedGate {
  return { join: (key, member) => new CellSupply(key, cell, member) };
}

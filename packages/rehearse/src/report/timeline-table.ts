import type { Timeline, TimelineStep } from "../rehearsal.ts";
import { formatCount, formatInstant } from "./quantities.ts";
import { type Cell, type ReportTable, reportTable } from "./report-table.ts";

const CELLS: readonly Cell<TimelineStep>[] = [
  ["from", ({ from }) => formatInstant(from)],
  ["admitted", ({ admitted }) => formatCount(admitted), "number"],
  ["refused", ({ refused }) => formatCount(refused), "number"],
  ["shadow-refused", ({ shadowRefused }) => formatCount(shadowRefused), "number"],
];

/** The timeline in numbers. */
export function timelineTable({ steps }: Timeline): ReportTable {
  return reportTable("Requests over time", "There were no requests.", CELLS, steps);
}
